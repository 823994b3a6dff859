//! Telling services where an image is.

use super::LocationService;
use crate::{
    domain::{Caller, ImageId, Location},
    policy::Action,
    service::ServiceError,
};

/// Where an image is, and whether its stores can be told apart.
pub struct Places {
    /// The places, best first.
    pub locations: Vec<Location>,
    /// Whether the operator named the stores, so that users see them.
    pub stores_are_named: bool,
}

impl LocationService {
    /// Where the image is, best first, for services that read stores themselves.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`], [`ServiceError::Denied`].
    #[tracing::instrument(name = "locations.list", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn list(&self, caller: &Caller, id: ImageId) -> Result<Places, ServiceError> {
        let parts = &self.0.parts;
        let mut session = parts.db.read().await?;
        let action = Action::FetchImageLocation;
        let sighted = self.0.permitted(&mut session, caller, id, action).await?;
        Ok(Places {
            locations: sighted.image.locations,
            stores_are_named: parts.stores_are_named,
        })
    }
}
