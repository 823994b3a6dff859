//! Deleting an image.

use super::ImageService;
use crate::{
    domain::{Caller, Image, ImageId, ImageStatus},
    notify::{Event, ImageVerb},
    policy::Action,
    service::ServiceError,
    store::StoreError,
};

/// The key of an encrypted image, by the name that Cinder gives the property.
const KEY: &str = "cinder_encryption_key_id";
/// What becomes of it.
const POLICY: &str = "cinder_encryption_key_deletion_policy";
/// The policy by which it goes with the image.
const WITH_IMAGE: &str = "on_image_deletion";

impl ImageService {
    /// Deletes the image. Its id is never used again. Bytes that cannot be removed now, or that
    /// are to stay for a while, are removed by [`Maintenance`](crate::service::Maintenance).
    ///
    /// # Errors
    ///
    /// [`ServiceError::Forbidden`] if it is protected, [`ServiceError::Conflict`] if a store says that
    /// something uses its bytes, [`ServiceError::Raced`] if its status changed meanwhile.
    #[tracing::instrument(name = "images.delete", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn delete(&self, caller: &Caller, id: ImageId) -> Result<(), ServiceError> {
        let mut tx = self.0.begin_on(id).await?;
        let sighted = self
            .0
            .permitted(&mut tx, caller, id, Action::DeleteImage)
            .await?;
        let image = sighted.image;
        if image.protected {
            return Err(ServiceError::Forbidden(format!(
                "Image {id} is protected and cannot be deleted."
            )));
        }
        self.check_unused(&image).await?;
        let now = self.0.parts.clock.now();
        if !tx.delete_image(id, image.status, now).await? {
            return Err(ServiceError::Raced(id));
        }
        // As in Glance, what has no bytes is gone at once.
        let delay = self.0.parts.settings.delete_delay;
        let delay = delay.filter(|_| !image.locations.is_empty());
        let verb = match delay {
            None => ImageVerb::Delete,
            Some(delay) => {
                tx.delay_scrub(id, now.plus(delay)).await?;
                ImageVerb::DeleteLater
            }
        };
        self.0.emit(&mut tx, Event::Image(verb, &image)).await?;
        // Whoever is still bringing bytes in finds the image gone and removes them itself.
        let claimed = tx.find_claim(id).await?.is_some();
        tx.commit().await?;
        if image.status == ImageStatus::Uploading && !claimed {
            self.remove_staged(id).await;
        }
        if delay.is_none() {
            self.remove_copies(&image).await;
        }
        self.remove_key(caller, &image).await;
        Ok(())
    }

    /// Refuses to delete what a store cannot remove, as something uses it. A store that does not
    /// answer delays nothing.
    async fn check_unused(&self, image: &Image) -> Result<(), ServiceError> {
        for location in &image.locations {
            let Some(named) = self.0.parts.stores.get(location.store.as_str()) else {
                continue;
            };
            if matches!(named.store.in_use(image.id).await, Ok(true)) {
                return Err(StoreError::InUse(image.id).into());
            }
        }
        Ok(())
    }

    async fn remove_staged(&self, id: ImageId) {
        if let Err(error) = self.0.parts.staging.delete(id).await {
            tracing::warn!(
                image.id = %id,
                error = &error as &dyn std::error::Error,
                "staged data of a deleted image stays for the next sweep"
            );
        }
    }

    /// Deletes the key of an encrypted image if it goes with the image. The image is gone by then,
    /// so a key that stays is only told of in the log.
    async fn remove_key(&self, caller: &Caller, image: &Image) {
        let value = |name| image.properties.get(name).and_then(Option::as_deref);
        if value(POLICY) != Some(WITH_IMAGE) {
            return;
        }
        let id = value(KEY).and_then(|text| text.parse().ok());
        let (Some(id), Some(keys)) = (id, &self.0.parts.keys) else {
            return;
        };
        if let Err(error) = keys.delete_key(caller, id).await {
            tracing::warn!(
                image.id = %image.id,
                key.id = %id,
                error = &*error as &dyn std::error::Error,
                "the key of a deleted image was not deleted"
            );
        }
    }

    async fn remove_copies(&self, image: &Image) {
        for location in &image.locations {
            if let Err(error) = self.0.remove_copy(image.id, &location.store).await {
                tracing::warn!(
                    image.id = %image.id,
                    store.id = %location.store,
                    error = &error as &dyn std::error::Error,
                    "data of a deleted image stays for the next sweep"
                );
            }
        }
    }
}
