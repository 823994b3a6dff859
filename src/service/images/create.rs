//! Creating an image.

use super::{ImageService, SeenImage};
use crate::{
    db::{DbError, Transaction},
    domain::{Caller, ExpectedDigests, Image, ImageStatus, NewImage, Visibility},
    notify::{Event, ImageVerb},
    policy::{Action, Target},
    service::{ServiceError, quota::Quotas},
};

impl ImageService {
    /// Creates an image without data.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] if the algorithm may not be chosen, [`ServiceError::Denied`]
    /// or [`ServiceError::Forbidden`] if the policy says no, [`ServiceError::OverQuota`],
    /// [`ServiceError::Conflict`] if the id was ever used.
    #[tracing::instrument(name = "images.create", level = "debug", skip_all)]
    pub async fn create(&self, caller: &Caller, new: NewImage) -> Result<SeenImage, ServiceError> {
        let image = self.describe(caller, new)?;
        let quotas = self.0.quotas(caller.project_id.as_deref()).await?;
        let mut tx = self.0.parts.db.begin().await?;
        self.insert(&mut tx, &quotas, &image).await?;
        tx.commit().await?;
        Ok(self.seen(caller, image))
    }

    /// The image that the caller may create, and that fits this registry. It is not there yet.
    ///
    /// # Errors
    ///
    /// As [`ImageService::create`].
    pub(in crate::service) fn describe(
        &self,
        caller: &Caller,
        new: NewImage,
    ) -> Result<Image, ServiceError> {
        if let Some(choice) = &new.os_hash_algo {
            self.0.check_choice(choice)?;
        }
        let image = self.compose(caller, new);
        self.permit_create(caller, &image)?;
        self.0
            .expected(&image, "os_hash_value", ExpectedDigests::default())?;
        self.check_quotas(image.counted_properties(), image.tags.len())?;
        Ok(image)
    }

    /// Inserts an image within `tx`, if `quotas` allow one more, and tells others.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`], [`ServiceError::Conflict`] if the id was ever used.
    pub(in crate::service) async fn insert(
        &self,
        tx: &mut Transaction,
        quotas: &Quotas,
        image: &Image,
    ) -> Result<(), ServiceError> {
        quotas.admit_image(tx, image.owner.as_deref()).await?;
        match tx.insert_image(image).await {
            Err(DbError::Taken { .. }) => {
                return Err(ServiceError::Conflict(format!(
                    "Image ID {} already exists!",
                    image.id
                )));
            }
            inserted => inserted?,
        }
        let created = Event::Image(ImageVerb::Create, image);
        self.0.emit(tx, created).await
    }

    fn compose(&self, caller: &Caller, new: NewImage) -> Image {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        Image {
            id: new.id.unwrap_or_else(|| parts.ids.next().into()),
            name: new.name,
            disk_format: new.disk_format,
            container_format: new.container_format,
            visibility: new.visibility.unwrap_or(Visibility::Shared),
            status: ImageStatus::Queued,
            owner: new.owner.unwrap_or_else(|| caller.project_id.clone()),
            size: None,
            virtual_size: None,
            checksum: None,
            os_hash_algo: new.os_hash_algo,
            os_hash_value: None,
            min_disk: new.min_disk,
            min_ram: new.min_ram,
            protected: new.protected,
            os_hidden: new.os_hidden,
            created_at: now,
            updated_at: now,
            properties: new.properties,
            tags: new.tags,
            locations: Vec::new(),
        }
    }

    fn permit_create(&self, caller: &Caller, image: &Image) -> Result<(), ServiceError> {
        let policy = &self.0.parts.policy;
        let owner = image.owner.as_deref();
        if owner != caller.project_id.as_deref() && !policy.is_admin(caller) {
            return Err(ServiceError::Forbidden(format!(
                "You are not permitted to create images owned by '{}'.",
                owner.unwrap_or("None")
            )));
        }
        let target = Target::new_image(owner, Some(image.visibility));
        policy.check(caller, Action::AddImage, &target)?;
        self.permit_visibility(caller, image.visibility, &target)?;
        self.permit_properties(caller, image)
    }
}
