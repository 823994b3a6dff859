//! Locations that are taken at their word: for operators who have it as Glance does.
//!
//! Nothing is read, and so nothing is verified. It happens only where the settings say so, and where
//! nobody asked for a check: an expected digest or a signature is never ignored.

use crate::{
    db::{Transaction, TrustedActivation},
    domain::{Algorithm, ExpectedDigests, Image, Location, Trusted, property_names},
    service::{
        Core, ServiceError, TrustedLocations,
        data::{pipeline::Stored, survey::nothing_there},
        quota::Meter,
    },
};

impl Core {
    /// Whether places that come by `way` are taken at their word: not if there are digests of the
    /// image's bytes, or those `asked`, that somebody wants to be checked.
    pub(in crate::service) fn trusts(
        &self,
        way: TrustedLocations,
        image: &Image,
        asked: &ExpectedDigests,
    ) -> Result<bool, ServiceError> {
        if self.parts.settings.locations.trusted < way {
            return Ok(false);
        }
        if image.status.has_data() {
            return Ok(asked.is_empty());
        }
        let expected = self.expected(image, "the location", asked.clone())?;
        Ok(expected.is_empty())
    }

    /// What is said of the bytes at `location`: their number by their server, and `claimed` digests
    /// with `algorithm` as that of `os_hash_value`.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Interrupted`] if the place cannot be reached, [`ServiceError::Invalid`] if its
    /// server does not say how many bytes there are, or none; [`ServiceError::TooLarge`],
    /// [`ServiceError::OverQuota`].
    #[tracing::instrument(name = "data.trust", level = "debug", skip_all, fields(store.id = %location.store))]
    pub(in crate::service) async fn trusted(
        &self,
        location: &Location,
        algorithm: Option<&Algorithm>,
        claimed: &ExpectedDigests,
        meter: Option<&Meter>,
    ) -> Result<Trusted, ServiceError> {
        let size = self.size_at(location).await?;
        if let Some(meter) = meter {
            meter.reserve(size).await?;
        }
        let md5: Algorithm = "md5".parse().map_err(ServiceError::internal)?;
        let digest = |algorithm: &Algorithm| {
            let mut claimed = claimed.iter();
            let digest = claimed.find(|digest| digest.algorithm() == algorithm);
            digest.cloned()
        };
        Ok(Trusted {
            size,
            algorithm: algorithm.cloned(),
            hash: algorithm.and_then(digest),
            checksum: digest(&md5),
        })
    }

    /// How many bytes there are at `location`, by what its server says.
    async fn size_at(&self, location: &Location) -> Result<u64, ServiceError> {
        let cap = self.parts.settings.image_size_cap;
        match self.external(location)?.size(&location.url).await? {
            Some(0) => Err(nothing_there()),
            Some(size) if size > cap => Err(ServiceError::TooLarge(cap)),
            Some(size) => Ok(size),
            None => Err(ServiceError::Invalid(
                "Invalid location: its server does not say how many bytes there are".into(),
            )),
        }
    }

    /// Makes the image active with what is said of the bytes at `locations`, within `tx`; `false` if
    /// the image is not in the status that it had any more.
    pub(in crate::service) async fn activate_trusted(
        &self,
        tx: &mut Transaction,
        image: &Image,
        trusted: &Trusted,
        locations: &[Location],
    ) -> Result<bool, ServiceError> {
        image.status.activate_unread()?;
        let id = image.id;
        let activation = TrustedActivation {
            from: image.status,
            trusted,
            locations,
            at: self.parts.clock.now(),
        };
        if !tx.activate_trusted_image(id, &activation).await? {
            return Ok(false);
        }
        tx.remove_property(id, property_names::FAILURE).await?;
        tx.remove_property(id, property_names::STAGED_CHECKSUM)
            .await?;
        tracing::warn!(image.id = %id, "an image is usable that nobody has verified");
        Ok(true)
    }

    /// Gives an image whose location was taken at its word, and of which no digest is known, what
    /// was found when its bytes were read, within `tx`; `false` if more is known of it, or another
    /// size.
    pub(in crate::service) async fn confirm_trusted(
        &self,
        tx: &mut Transaction,
        image: &Image,
        stored: &Stored,
    ) -> Result<bool, ServiceError> {
        let at = self.parts.clock.now();
        let confirmed =
            tx.confirm_trusted_image(image.id, &stored.verified, stored.virtual_size, at);
        Ok(confirmed.await?)
    }
}
