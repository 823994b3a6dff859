//! Tags, one at a time.

use super::ImageService;
use crate::{
    domain::{Caller, ImageId},
    policy::Action,
    service::ServiceError,
};

impl ImageService {
    /// Puts a tag on the image; that it is there already is no error.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`] if the image has as many tags as it may.
    #[tracing::instrument(name = "images.add_tag", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn add_tag(
        &self,
        caller: &Caller,
        id: ImageId,
        tag: &str,
    ) -> Result<(), ServiceError> {
        let mut tx = self.0.begin_on(id).await?;
        let image = self
            .0
            .permitted(&mut tx, caller, id, Action::ModifyImage)
            .await?
            .image;
        if image.tags.contains(tag) {
            return Ok(());
        }
        self.check_quotas(0, image.tags.len() + 1)?;
        tx.add_tag(id, tag, self.0.parts.clock.now()).await?;
        self.0.emit_saved(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a tag off the image.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchTag`] if the image does not have it.
    #[tracing::instrument(name = "images.remove_tag", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn remove_tag(
        &self,
        caller: &Caller,
        id: ImageId,
        tag: &str,
    ) -> Result<(), ServiceError> {
        let mut tx = self.0.parts.db.begin().await?;
        self.0
            .permitted(&mut tx, caller, id, Action::ModifyImage)
            .await?;
        if !tx.remove_tag(id, tag, self.0.parts.clock.now()).await? {
            return Err(ServiceError::NoSuchTag(tag.to_owned()));
        }
        self.0.emit_saved(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }
}
