//! Creating an image.

use super::{ImageService, SeenImage};
use crate::{
    db::DbError,
    domain::{Caller, ExpectedDigests, Image, ImageStatus, NewImage, Visibility},
    notify::{Event, ImageVerb},
    policy::{Action, Target},
    service::ServiceError,
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
        if let Some(choice) = &new.os_hash_algo {
            self.0.check_choice(choice)?;
        }
        let image = self.compose(caller, new);
        self.permit_create(caller, &image)?;
        self.0
            .expected(&image, "os_hash_value", ExpectedDigests::default())?;
        self.check_quotas(image.counted_properties(), image.tags.len())?;

        let quotas = self.0.quotas(caller.project_id.as_deref()).await?;
        let mut tx = self.0.parts.db.begin().await?;
        quotas.admit_image(&mut tx, image.owner.as_deref()).await?;
        match tx.insert_image(&image).await {
            Err(DbError::Taken { .. }) => {
                return Err(ServiceError::Conflict(format!(
                    "Image ID {} already exists!",
                    image.id
                )));
            }
            inserted => inserted?,
        }
        let created = Event::Image(ImageVerb::Create, &image);
        self.0.emit(&mut tx, created).await?;
        tx.commit().await?;
        Ok(self.seen(caller, image))
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
