//! Images and their descriptions.

mod create;
mod delete;
mod digests;
mod list;
mod protection;
mod status;
mod tags;
mod update;

use std::sync::Arc;

pub use self::{digests::FoundDigests, list::ImagePage};
use crate::{
    domain::{Caller, Image, ImageId, ImageStatus, Location, StoreId, Visibility, property_names},
    policy::{Action, Target},
    service::{Core, ServiceError},
};

/// An image as one caller may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenImage {
    /// The image, without the properties that the caller may not see.
    pub image: Image,
    /// The stores that hold its bytes, best first: with several stores configured, when there
    /// are bytes, and when the caller may know.
    pub stores: Option<Vec<StoreId>>,
    /// Where its bytes are, best first: if the operator lets users know, and the caller may.
    pub locations: Option<Vec<Location>>,
    /// The address of the best of those places: likewise, and when there are bytes.
    pub direct_url: Option<String>,
}

/// Use cases of images and their descriptions, tags included.
#[derive(Clone)]
pub struct ImageService(pub(in crate::service) Arc<Core>);

impl ImageService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// Shows an image.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`] also if the caller may not get it.
    #[tracing::instrument(name = "images.show", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn show(&self, caller: &Caller, id: ImageId) -> Result<SeenImage, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        let sighted = self
            .0
            .permitted(&mut session, caller, id, Action::GetImage)
            .await?;
        Ok(self.seen(caller, sighted.image))
    }

    /// The image without what the caller may not know of it.
    pub(in crate::service) fn seen(&self, caller: &Caller, mut image: Image) -> SeenImage {
        self.hide_unreadable(caller, &mut image);
        let is_admin = self.0.parts.policy.is_admin(caller);
        if !is_admin && !caller.acts_for(image.owner.as_deref()) {
            image.properties.remove(property_names::FAILURE);
        }
        let closed = image.status == ImageStatus::Deactivated && !is_admin;
        let shown = self.0.parts.stores_are_named && !image.locations.is_empty() && !closed;
        let stores = shown.then(|| self.stores_of(&image));
        let settings = &self.0.parts.settings.locations;
        let may_know = (settings.are_shown || settings.best_is_shown)
            && !closed
            && self.may_locate(caller, &image);
        let best = image.locations.first().map(|location| location.url.clone());
        SeenImage {
            stores,
            locations: (settings.are_shown && may_know).then(|| image.locations.clone()),
            direct_url: best.filter(|_| settings.best_is_shown && may_know),
            image,
        }
    }

    fn may_locate(&self, caller: &Caller, image: &Image) -> bool {
        let target = target(caller, image);
        let policy = &self.0.parts.policy;
        policy.allows(caller, Action::GetImageLocation, &target)
    }

    fn stores_of(&self, image: &Image) -> Vec<StoreId> {
        let holds = |id: &StoreId| image.locations.iter().any(|at| at.store == *id);
        let stores = self.0.parts.stores.iter().map(|store| &store.id);
        stores.filter(|id| holds(id)).cloned().collect()
    }

    /// Asks the policy about the visibility that an image is to have.
    fn permit_visibility(
        &self,
        caller: &Caller,
        visibility: Visibility,
        target: &Target<'_>,
    ) -> Result<(), ServiceError> {
        let action = match visibility {
            Visibility::Public => Action::PublicizeImage,
            Visibility::Community => Action::CommunitizeImage,
            Visibility::Private | Visibility::Shared => return Ok(()),
        };
        Ok(self.0.parts.policy.check(caller, action, target)?)
    }

    /// Holds the numbers of properties and tags against their quotas.
    fn check_quotas(&self, properties: usize, tags: usize) -> Result<(), ServiceError> {
        let settings = &self.0.parts.settings;
        let (properties, tags) = (properties as u64, tags as u64);
        ServiceError::check_quota(
            "image_property_quota",
            "properties",
            properties,
            settings.property_quota,
        )?;
        ServiceError::check_quota("image_tag_quota", "tags", tags, settings.tag_quota)
    }
}

/// An image that the caller is known to see, as the rules see it. A shared image of somebody
/// else is seen only if it is shared with the caller's project.
pub(super) fn target<'a>(caller: &'a Caller, image: &'a Image) -> Target<'a> {
    let shared = image.visibility == Visibility::Shared && !caller.acts_for(image.owner.as_deref());
    Target::image(image, caller.project_id.as_deref().filter(|_| shared))
}
