//! Changing the description of an image.

use super::{ImageService, SeenImage, protection::Screen};
use crate::{
    domain::{
        Attribute, Caller, ExpectedDigests, Image, ImageChange, ImageId,
        property_names::EXPECTED_CHECKSUM,
    },
    notify::{Event, ImageVerb},
    policy::{Action, Target},
    service::ServiceError,
};

impl ImageService {
    /// Makes all of `changes`, or none.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Patch`] if one cannot be made, [`ServiceError::Denied`] or
    /// [`ServiceError::Forbidden`] if the caller may not, [`ServiceError::OverQuota`],
    /// [`ServiceError::Raced`] if the status changed meanwhile.
    #[tracing::instrument(name = "images.update", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn update(
        &self,
        caller: &Caller,
        id: ImageId,
        changes: Vec<ImageChange>,
    ) -> Result<SeenImage, ServiceError> {
        let mut tx = self.0.begin_on(id).await?;
        let sighted = self
            .0
            .permitted(&mut tx, caller, id, Action::ModifyImage)
            .await?;
        if changes.is_empty() {
            return Ok(self.seen(caller, sighted.image));
        }
        let target = Target::image(&sighted.image, sighted.membership.as_deref());
        self.permit_changes(caller, &changes, &target)?;
        let guard = self.0.parts.policy.properties(caller);
        let image = self.changed(&sighted.image, changes, &Screen { guard, target })?;
        if !tx.save_description(&image).await? {
            return Err(ServiceError::Raced(id));
        }
        let updated = Event::Image(ImageVerb::Update, &image);
        self.0.emit(&mut tx, updated).await?;
        tx.commit().await?;
        Ok(self.seen(caller, image))
    }

    fn permit_changes(
        &self,
        caller: &Caller,
        changes: &[ImageChange],
        target: &Target<'_>,
    ) -> Result<(), ServiceError> {
        for change in changes {
            match change {
                ImageChange::Add(attribute)
                | ImageChange::AddNew(attribute)
                | ImageChange::Replace(attribute) => match attribute {
                    Attribute::Owner(_) if !self.0.parts.policy.is_admin(caller) => {
                        return Err(ServiceError::Forbidden(
                            "Owner can't be updated by non admin.".into(),
                        ));
                    }
                    Attribute::Visibility(visibility) => {
                        self.permit_visibility(caller, *visibility, target)?;
                    }
                    _ => (),
                },
                ImageChange::Remove(_) => (),
            }
        }
        Ok(())
    }

    /// The image with all of `changes`, each as `screen` lets it pass.
    fn changed(
        &self,
        before: &Image,
        changes: Vec<ImageChange>,
        screen: &Screen<'_>,
    ) -> Result<Image, ServiceError> {
        let mut image = before.clone();
        for change in changes {
            screen.pass(&image, change)?.apply(&mut image)?;
        }
        if image.properties.get(EXPECTED_CHECKSUM) != before.properties.get(EXPECTED_CHECKSUM) {
            self.0
                .expected(&image, EXPECTED_CHECKSUM, ExpectedDigests::default())?;
        }
        // A change that does not raise a number may be made although it is over its quota.
        let raised = |new: usize, old: usize| if new > old { new } else { 0 };
        self.check_quotas(
            raised(image.counted_properties(), before.counted_properties()),
            raised(image.tags.len(), before.tags.len()),
        )?;
        image.updated_at = self.0.parts.clock.now();
        Ok(image)
    }
}
