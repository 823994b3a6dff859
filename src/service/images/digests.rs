//! What digests the bytes of an image were found to have.

use super::ImageService;
use crate::{
    domain::{Caller, DigestRecord, ImageId},
    policy::Action,
    service::ServiceError,
};

impl ImageService {
    /// Every digest that was ever found of the image's bytes, the oldest first.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`] also if the caller may not get it.
    #[tracing::instrument(name = "images.digests", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn digests(
        &self,
        caller: &Caller,
        id: ImageId,
    ) -> Result<Vec<DigestRecord>, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        self.0
            .permitted(&mut session, caller, id, Action::GetImage)
            .await?;
        Ok(session.list_digests(id).await?)
    }
}
