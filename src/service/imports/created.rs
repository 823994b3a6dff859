//! The image that a task created, if its data are not to be had.

use super::run::Run;
use crate::{
    db::Transaction,
    domain::TaskKind,
    notify::{Event, ImageVerb},
    service::ServiceError,
};

impl Run {
    /// An image that this task itself created goes with it, within `tx`, as Glance does it: who
    /// asked for it knows the task, and may ask again.
    pub(super) async fn delete_created(&self, tx: &mut Transaction) -> Result<(), ServiceError> {
        let id = self.task.image_id;
        if self.task.kind != TaskKind::Import {
            return Ok(());
        }
        let Some(image) = tx.find_image(id).await? else {
            return Ok(());
        };
        let now = self.core.parts.clock.now();
        if tx.delete_image(id, image.status, now).await? {
            let deleted = Event::Image(ImageVerb::Delete, &image);
            self.core.emit(tx, deleted).await?;
        }
        Ok(())
    }
}
