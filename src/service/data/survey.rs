//! Bytes that others keep, read to their end and verified before they may be an image's.

use crate::{
    domain::{Location, Verified},
    service::{
        Core, ServiceError,
        data::{pipeline::Terms, unread::Unread},
    },
    store::{External, StoreError},
};

/// What was read at a place of others.
pub(in crate::service) struct Surveyed {
    pub(in crate::service) verified: Verified,
    /// The size of the disk that the bytes describe.
    pub(in crate::service) virtual_size: Option<u64>,
}

impl Core {
    /// Reads what is at `location` to its end, once; what breaks off is read anew, up to `retries`
    /// times.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Interrupted`] if it cannot be had, [`ServiceError::Mismatch`] and
    /// [`ServiceError::Rejected`] if it is not what it must be, [`ServiceError::TooLarge`],
    /// [`ServiceError::OverQuota`]; [`ServiceError::Invalid`] if there are no bytes.
    #[tracing::instrument(name = "data.survey", level = "debug", skip_all, fields(image.id = %terms.id, store.id = %location.store))]
    pub(in crate::service) async fn survey_location(
        &self,
        location: &Location,
        terms: &Terms,
        retries: u32,
    ) -> Result<Surveyed, ServiceError> {
        let mut left = retries;
        loop {
            match self.survey_once(location, terms).await {
                Ok(surveyed) if surveyed.verified.size() == 0 => {
                    return Err(nothing_there());
                }
                Err(Unread::Passing(cause)) if left > 0 => {
                    left -= 1;
                    tracing::info!(image.id = %terms.id, %cause, left, "a location is read anew");
                }
                Ok(surveyed) => return Ok(surveyed),
                Err(Unread::Passing(error) | Unread::Final(error)) => return Err(error),
            }
        }
    }

    /// The store that reads what is at `location`.
    pub(super) fn external(&self, location: &Location) -> Result<&dyn External, ServiceError> {
        let named = self.parts.stores.get(location.store.as_str());
        let external = named.and_then(|named| named.external());
        external.ok_or(ServiceError::NotHere(
            "the store of the location is not configured any more",
        ))
    }

    async fn survey_once(&self, location: &Location, terms: &Terms) -> Result<Surveyed, Unread> {
        let found = match self
            .external(location)?
            .fetch(&location.url, terms.cap)
            .await
        {
            Ok(found) => found,
            Err(StoreError::Interrupted(interrupted)) => return Err(interrupted.into()),
            Err(error) => return Err(ServiceError::from(error).into()),
        };
        let (verified, virtual_size) = self.survey(found.bytes, terms).await?;
        Ok(Surveyed {
            verified,
            virtual_size,
        })
    }
}

/// What is told of a location at which there are no bytes.
pub(super) fn nothing_there() -> ServiceError {
    ServiceError::Invalid("Invalid location: there are no bytes at it".into())
}
