//! Closing and opening an image.

use super::ImageService;
use crate::{
    domain::{Caller, Illegal, ImageId, ImageStatus},
    policy::Action,
    service::ServiceError,
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
    /// [`ServiceError::Forbidden`] unless it is deactivated or active.
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
        let mut tx = self.0.parts.db.begin().await?;
        let from = self
            .0
            .permitted(&mut tx, caller, id, action)
            .await?
            .image
            .status;
        let to = verb(from).map_err(|illegal| {
            ServiceError::Forbidden(format!(
                "Not allowed to {} image in status '{}'",
                illegal.verb, illegal.from
            ))
        })?;
        if from == to {
            return Ok(());
        }
        if !tx
            .move_image(id, from, to, self.0.parts.clock.now())
            .await?
        {
            return Err(ServiceError::Raced(id));
        }
        self.0.emit_saved(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }
}
