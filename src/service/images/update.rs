//! Changing the description of an image.

use super::{ImageService, SeenImage, protection::Screen, target};
use crate::{
    domain::{
        Attribute, Caller, ExpectedDigests, Image, ImageChange, ImageId, PatchOperation,
        property_names::EXPECTED_CHECKSUM,
    },
    notify::{Event, ImageVerb},
    policy::{Action, Target},
    service::{ServiceError, core::Sighted},
};

impl ImageService {
    /// Does all of `operations`, or none.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Patch`] if one cannot be made, [`ServiceError::Denied`] or
    /// [`ServiceError::Forbidden`] if the caller may not, [`ServiceError::OverQuota`],
    /// [`ServiceError::Raced`] if the status changed meanwhile; if some are on locations, also what
    /// an upload fails with: the bytes there are read.
    #[tracing::instrument(name = "images.update", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn update(
        &self,
        caller: &Caller,
        id: ImageId,
        operations: Vec<PatchOperation>,
    ) -> Result<SeenImage, ServiceError> {
        let (mut changes, mut moves) = (Vec::new(), Vec::new());
        for operation in operations {
            match operation {
                PatchOperation::Image(change) => changes.push(change),
                PatchOperation::Locations(change) => moves.push(change),
            }
        }
        if !moves.is_empty() {
            return self.relocate(caller, id, changes, moves).await;
        }
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

    /// The image with all of `changes`, if the caller may make them.
    ///
    /// # Errors
    ///
    /// As [`ImageService::update`].
    pub(in crate::service) fn described(
        &self,
        caller: &Caller,
        sighted: &Sighted,
        changes: Vec<ImageChange>,
    ) -> Result<Image, ServiceError> {
        if changes.is_empty() {
            return Ok(sighted.image.clone());
        }
        self.0.permit(caller, Action::ModifyImage, sighted)?;
        let target = Target::image(&sighted.image, sighted.membership.as_deref());
        self.permit_changes(caller, &changes, &target)?;
        let guard = self.0.parts.policy.properties(caller);
        self.changed(&sighted.image, changes, &Screen { guard, target })
    }

    /// `image` with all of `changes`, which the caller was found to be allowed to make before.
    ///
    /// # Errors
    ///
    /// As [`ImageService::update`].
    pub(in crate::service) fn described_again(
        &self,
        caller: &Caller,
        image: &Image,
        changes: Vec<ImageChange>,
    ) -> Result<Image, ServiceError> {
        let guard = self.0.parts.policy.properties(caller);
        let target = target(caller, image);
        self.changed(image, changes, &Screen { guard, target })
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
