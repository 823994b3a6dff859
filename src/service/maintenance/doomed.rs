//! The bytes of deleted images, once their time has come.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{BATCH, Maintenance};
use crate::{domain::ImageId, service::ServiceError};

impl Maintenance {
    /// Removes the copies that deleted images still have, of several images at a time if the
    /// settings say so. Of several processes each takes other images.
    pub(super) async fn remove_doomed(&self) -> Result<usize, ServiceError> {
        let parts = &self.0.parts;
        let doomed = {
            let mut session = parts.db.read().await?;
            session.list_doomed_images(parts.clock.now(), BATCH).await?
        };
        stream::iter(doomed)
            .map(|id| {
                let maintenance = self.clone();
                async move { maintenance.scrub(id).await }
            })
            .buffer_unordered(parts.settings.scrub_pool_size)
            .try_fold(0, async |sum, count| Ok(sum + count))
            .await
    }

    /// Removes the copies of one deleted image, unless somebody else holds it; tells how many.
    async fn scrub(&self, id: ImageId) -> Result<usize, ServiceError> {
        let parts = &self.0.parts;
        let holder = parts.ids.next();
        let mut tx = self.0.begin_on(id).await?;
        if !self.0.claim_image(&mut tx, id, holder).await? {
            return Ok(0);
        }
        let stores = tx.list_stores_of(id).await?;
        tx.commit().await?;
        let mut count = 0;
        for store in &stores {
            match self.0.remove_copy(id, store).await {
                Ok(()) => count += 1,
                Err(error) => tracing::warn!(
                    image.id = %id,
                    store.id = %store,
                    error = &error as &dyn std::error::Error,
                    "data of a deleted image cannot be removed"
                ),
            }
        }
        let mut tx = self.0.begin_on(id).await?;
        tx.release_claim(id, holder).await?;
        tx.commit().await?;
        Ok(count)
    }
}
