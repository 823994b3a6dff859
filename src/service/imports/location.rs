//! The place that was registered as an image's bytes, which stay there: it is read, or taken at its
//! word.

use super::run::{Outcome, Run};
use crate::{
    db::Transaction,
    domain::{
        Algorithm, DigestSource, Image, ImageStatus, ImportMethod, Location, LocationReading,
        TaskStatus, Trusted,
    },
    service::{
        ServiceError, TrustedLocations,
        data::{Promised, Stored, Terms},
        figures::Occasion,
        quota::{Arrival, Meter, Purpose},
    },
};

impl Run {
    /// Finds what is at the place of a registration.
    pub(super) async fn register(&self, image: &Image) -> Outcome {
        let found = self.found(image).await;
        found.unwrap_or_else(|reason| Outcome::Failed(reason.into()))
    }

    async fn found(&self, image: &Image) -> Result<Outcome, ServiceError> {
        self.check_attempts()?;
        let ImportMethod::Location {
            algorithm, reading, ..
        } = &self.task.import.method
        else {
            return Err(ServiceError::internal("no location was registered"));
        };
        let location = self.location()?;
        let waits = image.status == ImageStatus::Importing;
        if waits && *reading != LocationReading::Before {
            let default = &self.core.parts.settings.hashing.default;
            let algorithm = match reading {
                LocationReading::Afterwards => image.os_hash_algo.as_ref().or(Some(default)),
                _ => algorithm.as_ref(),
            };
            let trusted = self.trusted(image, &location, algorithm).await?;
            if !self.trust(&location, &trusted).await? {
                return Ok(Outcome::Lost);
            }
        }
        match reading {
            LocationReading::Before if !waits => Ok(Outcome::Landed(None)),
            LocationReading::Never => Ok(Outcome::Landed(None)),
            LocationReading::Before => {
                let meter = self.meter(image, self.arrival(image)).await?;
                let stored = self.surveyed(image, location, algorithm.as_ref(), meter);
                Ok(Outcome::Stored(stored.await?))
            }
            LocationReading::Afterwards => {
                let stored = self.surveyed(image, location, None, None);
                Ok(Outcome::Confirmed(stored.await?))
            }
        }
    }

    /// One more copy for `image`, of which nothing is staged.
    const fn arrival(&self, image: &Image) -> Arrival {
        Arrival {
            image: image.id,
            holder: self.holder,
            purpose: Purpose::Copy,
            size: None,
            copies: 1,
            beside: 0,
        }
    }

    async fn trusted(
        &self,
        image: &Image,
        location: &Location,
        algorithm: Option<&Algorithm>,
    ) -> Result<Trusted, ServiceError> {
        let meter = self.meter(image, self.arrival(image)).await?;
        let claimed = &self.task.import.expected;
        let trusted = self
            .core
            .trusted(location, algorithm, claimed, meter.as_ref());
        trusted.await
    }

    /// The place.
    fn location(&self) -> Result<Location, ServiceError> {
        let import = &self.task.import;
        let (store, url) = import
            .stores
            .first()
            .zip(import.method.uri())
            .ok_or(ServiceError::NotHere("there is no store for the location"))?;
        Ok(Location::new(store.clone(), url.to_owned()))
    }

    /// Reads what is at `location`, with `algorithm` as that of its digest unless the image chose
    /// one.
    async fn surveyed(
        &self,
        image: &Image,
        location: Location,
        algorithm: Option<&Algorithm>,
        meter: Option<Meter>,
    ) -> Result<Stored, ServiceError> {
        let (core, import) = (&self.core, &self.task.import);
        let promised = Promised {
            occasion: Occasion::Import,
            size: None,
            digests: core.expected(image, "the location", import.expected.clone())?,
            signature: core.signature_of(image, import.certificate.as_ref())?,
        };
        let mut terms = Terms {
            progress: self.progress.clone(),
            meter,
            sender: self.sender(),
            ..core.terms(image, promised)
        };
        if let (None, Some(wanted)) = (&image.os_hash_algo, algorithm) {
            terms.expectation.algorithm = wanted.clone();
        }
        let retries = core.parts.settings.locations.retries;
        let surveyed = core.survey_location(&location, &terms, retries).await?;
        Ok(Stored {
            verified: surveyed.verified,
            virtual_size: surveyed.virtual_size,
            locations: vec![location],
        })
    }

    /// The image becomes active by what is said of `location`; `false` if the lease is lost, or the
    /// image does not wait for it any more.
    async fn trust(&self, location: &Location, trusted: &Trusted) -> Result<bool, ServiceError> {
        let (core, id) = (&self.core, self.task.image_id);
        let mut tx = core.begin_on(id).await?;
        let (message, now) = (self.copied(), core.parts.clock.now());
        if !tx
            .note_task(self.task.id, self.holder, &message, now)
            .await?
        {
            return Ok(false);
        }
        let image = tx.find_image(id).await?;
        let waits = image.filter(|image| image.status == ImageStatus::Importing);
        let Some(image) = waits else {
            return Ok(false);
        };
        let locations = std::slice::from_ref(location);
        core.activate_trusted(&mut tx, &image, trusted, locations)
            .await?;
        core.emit_saved(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The image that is usable already gets the digests of the bytes that were read.
    pub(super) async fn confirm(&self, stored: &Stored) -> Result<(), ServiceError> {
        let (core, id) = (&self.core, self.task.image_id);
        let mut tx = core.begin_on(id).await?;
        let Some(image) = tx.find_image(id).await? else {
            drop(tx);
            return self.end_deleted().await;
        };
        if !core.confirm_trusted(&mut tx, &image, stored).await? {
            drop(tx);
            let size = stored.verified.size();
            let reason = ServiceError::Conflict(format!(
                "the location has {size} bytes, which are not those that it was said to have"
            ));
            return self.fail(&reason.into()).await;
        }
        core.record(&mut tx, id, stored, DigestSource::Import)
            .await?;
        if self
            .finish(&mut tx, TaskStatus::Success, &self.copied())
            .await?
        {
            self.end(tx, None).await?;
        }
        Ok(())
    }

    /// As Glance has it, a place whose bytes are not what was claimed of them stays with the queued
    /// image: for operators who trust locations, and whose programs may look for it.
    pub(super) async fn leave_location(
        &self,
        tx: &mut Transaction,
        reason: &ServiceError,
    ) -> Result<(), ServiceError> {
        let is_location = matches!(self.task.import.method, ImportMethod::Location { .. });
        let trusts = self.core.parts.settings.locations.trusted != TrustedLocations::None;
        if is_location && trusts && matches!(reason, ServiceError::Mismatch(_)) {
            tx.leave_location(self.task.image_id, &self.location()?)
                .await?;
        }
        Ok(())
    }
}
