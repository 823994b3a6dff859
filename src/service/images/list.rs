//! Listing images.

use super::{ImageService, SeenImage, target};
use crate::{
    db::Session,
    domain::{Caller, Image, ImageId, ImageQuery},
    policy::{Action, Target},
    service::ServiceError,
};

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePage {
    /// The images the caller may see.
    pub images: Vec<SeenImage>,
    /// The last image of a full page: where the next one begins.
    pub next: Option<ImageId>,
}

impl ImageService {
    /// A page of the images that the caller may see.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`] if the caller may not list, [`ServiceError::Invalid`] if the
    /// marker does not exist, [`ServiceError::MarkerForbidden`] if the caller may not see it.
    #[tracing::instrument(name = "images.list", level = "debug", skip_all)]
    pub async fn list(
        &self,
        caller: &Caller,
        query: ImageQuery,
    ) -> Result<ImagePage, ServiceError> {
        let parts = &self.0.parts;
        parts
            .policy
            .check(caller, Action::GetImages, &Target::none(caller))?;

        if !self.may_filter(caller, &query.filter) {
            return Ok(ImagePage {
                images: Vec::new(),
                next: None,
            });
        }
        let mut session = parts.db.read().await?;
        let marker = self.marker(&mut session, caller, query.marker).await?;
        let viewer = self.0.viewer(caller);
        let mut found = session
            .list_images(&viewer, &query, marker.as_ref())
            .await?;
        let full = query.limit > 0 && found.len() >= query.limit as usize;
        // Not even the place where the next page begins tells of an image that is not to be found.
        found.retain(|image| self.may_find(caller, image, &query.filter));
        let next = found.last().filter(|_| full).map(|image| image.id);
        let visible = found
            .into_iter()
            .filter(|image| self.may_get(caller, image))
            .map(|image| self.seen(caller, image))
            .collect();
        Ok(ImagePage {
            images: visible,
            next,
        })
    }

    async fn marker(
        &self,
        session: &mut Session,
        caller: &Caller,
        marker: Option<ImageId>,
    ) -> Result<Option<Image>, ServiceError> {
        let Some(id) = marker else { return Ok(None) };
        match self.0.sight(session, caller, id).await {
            Ok(sighted) => Ok(Some(sighted.image)),
            Err(ServiceError::NoSuchImage(_)) => match session.find_image(id).await? {
                Some(_) => Err(ServiceError::MarkerForbidden),
                None => Err(ServiceError::Invalid(format!(
                    "Invalid marker: no image {id}"
                ))),
            },
            Err(error) => Err(error),
        }
    }

    /// Whether the policy lets the caller get an image that a list found for it.
    fn may_get(&self, caller: &Caller, image: &Image) -> bool {
        let policy = &self.0.parts.policy;
        policy.allows(caller, Action::GetImage, &target(caller, image))
    }
}
