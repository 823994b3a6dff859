//! Closing and opening an image.

use super::ImageService;
use crate::{
    domain::{Caller, Illegal, Image, ImageId, ImageStatus, property_names},
    policy::Action,
    service::{ServiceError, error::DAMAGED},
};

impl ImageService {
    /// Closes the image's data to all but administrators.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Forbidden`] unless it is active or deactivated.
    pub async fn deactivate(&self, caller: &Caller, id: ImageId) -> Result<(), ServiceError> {
        self.turn(caller, id, Action::Deactivate, ImageStatus::deactivate)
            .await
    }

    /// Opens the image's data again.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Forbidden`] unless it is deactivated or active, and if it is known that no
    /// copy of its data is sound.
    pub async fn reactivate(&self, caller: &Caller, id: ImageId) -> Result<(), ServiceError> {
        self.turn(caller, id, Action::Reactivate, ImageStatus::reactivate)
            .await
    }

    #[tracing::instrument(name = "images.turn", level = "debug", skip_all, fields(image.id = %id))]
    async fn turn(
        &self,
        caller: &Caller,
        id: ImageId,
        action: Action,
        verb: impl Fn(ImageStatus) -> Result<ImageStatus, Illegal>,
    ) -> Result<(), ServiceError> {
        let mut tx = self.0.begin_on(id).await?;
        let sighted = self.0.permitted(&mut tx, caller, id, action).await?;
        let (image, from) = (&sighted.image, sighted.image.status);
        let to = verb(from).map_err(|illegal| {
            ServiceError::Forbidden(format!(
                "Not allowed to {} image in status '{}'",
                illegal.verb, illegal.from
            ))
        })?;
        if from == to {
            return Ok(());
        }
        if to == ImageStatus::Active {
            self.0.permit_opening(&mut tx, id).await?;
        }
        if !tx
            .move_image(id, from, to, self.0.parts.clock.now())
            .await?
        {
            return Err(ServiceError::Raced(id));
        }
        if to == ImageStatus::Active && is_quarantined(image) {
            tx.remove_property(id, property_names::FAILURE).await?;
        }
        self.0.emit_saved(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }
}

/// Whether the image was closed because no copy of its data is sound.
fn is_quarantined(image: &Image) -> bool {
    let reason = image.properties.get(property_names::FAILURE);
    reason.is_some_and(|reason| {
        reason
            .as_deref()
            .is_some_and(|why| why.starts_with(DAMAGED))
    })
}
