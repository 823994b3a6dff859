//! Staged or unpublished bytes that no image waits for.

use super::Maintenance;
use crate::{
    domain::{ImageId, ImageStatus},
    service::ServiceError,
};

impl Maintenance {
    /// Removes what was staged, or taken in and not published, for images that wait for no
    /// data, or for those that lie in another staging area.
    pub(super) async fn remove_leftovers(&self) -> Result<usize, ServiceError> {
        let parts = &self.0.parts;
        let mut count = 0;
        for id in parts.staging.list().await? {
            if !self.waits_for_staged(id).await? {
                parts.staging.delete(id).await?;
                count += 1;
            }
        }
        for id in parts.staging.unpublished().await? {
            if !self.waits_for_staged(id).await? {
                parts.staging.delete_unpublished(id).await?;
                count += 1;
            }
        }
        for named in parts.stores.iter() {
            for id in named.store.unpublished().await? {
                if !self.waits_for_data(id).await? {
                    named.store.delete_unpublished(id).await?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    /// Whether the image waits for data that may be those of this process's staging area.
    async fn waits_for_staged(&self, id: ImageId) -> Result<bool, ServiceError> {
        Ok(self.waits_for_data(id).await? && !self.0.is_staged_elsewhere(id).await?)
    }

    async fn waits_for_data(&self, id: ImageId) -> Result<bool, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        let status = session.find_status(id).await?;
        if matches!(
            status,
            Some(ImageStatus::Saving | ImageStatus::Uploading | ImageStatus::Importing)
        ) {
            return Ok(true);
        }
        // Copies of an image that has data are made by a task or under a claim.
        Ok(session.live_task(id).await?.is_some() || session.find_claim(id).await?.is_some())
    }
}
