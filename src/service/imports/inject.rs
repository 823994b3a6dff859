//! The plugin `inject_image_metadata`: images get properties that the operator says.

use super::run::Run;
use crate::{
    domain::{Image, ImageStatus},
    service::{Core, ServiceError},
};

impl Core {
    /// Makes sure that the image may have the operator's properties besides its own.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`]
    pub(super) fn check_injected(&self, image: &Image) -> Result<(), ServiceError> {
        self.check_added(image, self.parts.settings.plugins.injected.keys())
    }

    /// Makes sure that the image may have the properties `names` besides its own.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`]
    pub(super) fn check_added<'a>(
        &self,
        image: &Image,
        names: impl Iterator<Item = &'a String>,
    ) -> Result<(), ServiceError> {
        let settings = &self.parts.settings;
        let new = names.filter(|name| !image.properties.contains_key(*name));
        let count = match new.count() {
            // Other values for properties that it has may be set although it has too many.
            0 => return Ok(()),
            new => image.counted_properties() + new,
        };
        ServiceError::check_quota(
            "image_property_quota",
            "properties",
            count as u64,
            settings.property_quota,
        )
    }
}

impl Run {
    /// Gives the image the operator's properties, as they are now. Each attempt does so anew.
    pub(super) async fn inject(&self) -> Result<(), ServiceError> {
        let id = self.task.image_id;
        let mut tx = self.core.begin_on(id).await?;
        let image = tx.find_image(id).await?;
        let Some(image) = image.filter(|image| image.status == ImageStatus::Importing) else {
            return Err(ServiceError::Gone(id));
        };
        self.core.check_injected(&image)?;
        for (name, value) in &self.core.parts.settings.plugins.injected {
            tx.set_property(id, name, Some(value)).await?;
        }
        Ok(tx.commit().await?)
    }
}
