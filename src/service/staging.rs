//! What is staged here, and what is staged elsewhere.

use uuid::Uuid;

use crate::{
    db::{DbError, Transaction},
    domain::ImageId,
    service::{Core, ServiceError},
};

impl Core {
    /// The id of this process's staging area, if it has one.
    pub(super) fn area(&self) -> Option<Uuid> {
        self.parts.area.as_ref().map(|area| area.id)
    }

    /// Notes within `tx` how many bytes are staged here, and whose they are to import: this area's
    /// if its node has a name, else everybody's. `false` if the image does not wait for them any
    /// more.
    pub(super) async fn record_staged(
        &self,
        tx: &mut Transaction,
        id: ImageId,
        size: u64,
    ) -> Result<bool, DbError> {
        let now = self.parts.clock.now();
        let area = self.parts.area.as_ref();
        let own = area.filter(|area| area.node.is_some());
        if !tx
            .record_staged(id, size, own.map(|area| area.id), now)
            .await?
        {
            return Ok(false);
        }
        if let Some(area) = own {
            // An import may be asked for before the worker has said that it is there.
            let node = area.node.as_deref();
            tx.insert_staging_area(area.id, node, now).await?;
        }
        Ok(true)
    }

    /// Whether the image's bytes are staged in another staging area, so that what this one has of
    /// it is left behind.
    pub(super) async fn is_staged_elsewhere(&self, id: ImageId) -> Result<bool, ServiceError> {
        let Some(own) = self.area() else {
            return Ok(false);
        };
        let mut session = self.parts.db.read().await?;
        let area = session.find_staging_area(id).await?;
        Ok(area.is_some_and(|area| area != own))
    }
}
