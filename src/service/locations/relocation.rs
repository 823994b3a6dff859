//! Reading the new places of an image, while nobody else touches its bytes, and writing them down.

use std::sync::Arc;

use uuid::Uuid;

use super::plan::Plan;
use crate::{
    db::Transaction,
    domain::{
        Caller, DigestSource, Image, ImageChange, ImageId, ImageStatus, Location, SignatureCheck,
        Trusted,
    },
    service::{
        Core, ImageService, ServiceError,
        data::{Promised, Stored, Surveyed, Terms},
        diagnosis::Sender,
        figures::Occasion,
        quota::Meter,
    },
    stream::Progress,
};

/// How often a place that breaks off is read anew: never, for the client waits, and can ask again.
const RETRIES: u32 = 0;

/// What was found at the new places.
enum Found {
    Read(Surveyed),
    Trusted(Trusted),
}

/// Places of an image that are being read, while nobody else touches its bytes.
pub(super) struct Relocation {
    pub(super) service: ImageService,
    pub(super) caller: Caller,
    /// What the patch says of the image besides.
    pub(super) changes: Vec<ImageChange>,
    pub(super) plan: Plan,
    /// By whom the image is claimed.
    pub(super) holder: Uuid,
    /// What reserves the bytes, if their number is limited by a quota.
    pub(super) meter: Option<Meter>,
    /// The signature that they must be what is signed by.
    pub(super) signature: Option<Arc<dyn SignatureCheck>>,
    /// Whether the new places are taken at their word, and not read.
    pub(super) is_trusted: bool,
}

impl Relocation {
    const fn core(&self) -> &Arc<Core> {
        &self.service.0
    }

    const fn id(&self) -> ImageId {
        self.plan.image().id
    }

    /// Reads what is new, removes what goes, and writes it all down; gives the image as it is then.
    pub(super) async fn run(self) -> Result<Image, ServiceError> {
        let done = tokio::select! {
            done = self.work() => done,
            () = self.core().hold_claim(self.id(), self.holder) => Err(ServiceError::Raced(self.id())),
        };
        match done {
            Ok(found) => self.end(found).await,
            Err(reason) => Err(self.give_up(reason).await),
        }
    }

    /// What was found at the new places, if there are some.
    async fn work(&self) -> Result<Option<Found>, ServiceError> {
        let core = self.core();
        let found = if self.is_trusted {
            self.trust().await?.map(Found::Trusted)
        } else {
            self.read().await?.map(Found::Read)
        };
        for store in self.plan.emptied(core) {
            if let Some(named) = core.parts.stores.get(store.as_str()) {
                named.store.delete(self.id()).await?;
            }
        }
        Ok(found)
    }

    /// What is said of the new places, which all have as many bytes.
    async fn trust(&self) -> Result<Option<Trusted>, ServiceError> {
        let (core, plan) = (self.core(), &self.plan);
        let (algorithm, claimed) = (plan.algorithm(), plan.expected());
        let mut found: Option<Trusted> = None;
        for location in plan.new_locations() {
            let meter = self.meter.as_ref().filter(|_| found.is_none());
            let trusted = core.trusted(location, algorithm, claimed, meter).await?;
            let first = found.as_ref().map(|found| found.size);
            check_size(first.or(plan.image().size), trusted.size)?;
            found = found.or(Some(trusted));
        }
        Ok(found)
    }

    /// What was read at the new places.
    async fn read(&self) -> Result<Option<Surveyed>, ServiceError> {
        let core = self.core();
        let mut terms = self.terms()?;
        let mut found: Option<Surveyed> = None;
        for location in self.plan.new_locations() {
            let surveyed = core.survey_location(location, &terms, RETRIES).await?;
            // All places have the same bytes.
            terms.expectation.size = Some(surveyed.verified.size());
            for digest in surveyed.verified.digests().iter() {
                let added = terms.expectation.digests.add(digest.clone());
                added.map_err(|error| ServiceError::Conflict(error.to_string()))?;
            }
            found = found.or(Some(surveyed));
        }
        Ok(found)
    }

    /// What the bytes must be: those of an image that has some are its own.
    fn terms(&self) -> Result<Terms, ServiceError> {
        let (core, image) = (self.core(), self.plan.image());
        let said = self.plan.expected().clone();
        let mut terms = if image.status.has_data() {
            // What was expected of the bytes of the image was checked when they came, and may be said
            // of others, of which they were made.
            core.check_expected("the location", &said)?;
            let mut terms = core.terms_of_copy(image, &Progress::default())?;
            let merged = terms.expectation.digests.merge(said);
            merged.map_err(|error| ServiceError::Conflict(error.to_string()))?;
            terms
        } else {
            let promised = Promised {
                occasion: Occasion::Import,
                size: None,
                digests: core.expected(image, "the location", said)?,
                signature: self.signature.clone(),
            };
            core.terms(image, promised)
        };
        if let (None, Some(wanted)) = (&image.os_hash_algo, self.plan.algorithm()) {
            terms.expectation.algorithm = wanted.clone();
        }
        terms.meter.clone_from(&self.meter);
        terms.sender = Sender::client(&self.caller);
        Ok(terms)
    }

    async fn end(&self, found: Option<Found>) -> Result<Image, ServiceError> {
        let (core, id) = (self.core(), self.id());
        let mut tx = core.begin_on(id).await?;
        if !tx.release_claim(id, self.holder).await? {
            return Err(ServiceError::Raced(id));
        }
        let current = tx.find_image(id).await?.ok_or(ServiceError::Gone(id))?;
        let described = self.described_now(&current)?;
        if !tx.save_description(&described).await? {
            return Err(ServiceError::Raced(id));
        }
        if !self.write(&mut tx, &current, &described, found).await? {
            return Err(ServiceError::Raced(id));
        }
        core.emit_saved(&mut tx, id).await?;
        let image = tx.find_image(id).await?.ok_or(ServiceError::Gone(id))?;
        tx.commit().await?;
        Ok(image)
    }

    /// Writes down what was found: an image that has no bytes becomes active with it.
    async fn write(
        &self,
        tx: &mut Transaction,
        current: &Image,
        described: &Image,
        found: Option<Found>,
    ) -> Result<bool, ServiceError> {
        let (core, is_first) = (self.core(), !described.status.has_data());
        match found {
            Some(Found::Trusted(trusted)) if is_first => {
                let locations = self.new_locations();
                core.activate_trusted(tx, described, &trusted, &locations)
                    .await
            }
            Some(Found::Read(surveyed)) => {
                let stored = self.stored(surveyed);
                let source = DigestSource::Import;
                if is_first {
                    return core.make_active(tx, described, &stored, source).await;
                }
                let is_saved = self.save(tx, current).await?;
                if is_saved {
                    core.record(tx, current.id, &stored, source).await?;
                }
                Ok(is_saved)
            }
            Some(Found::Trusted(_)) | None => self.save(tx, current).await,
        }
    }

    /// What the patch says of the image, said of it as it is now. Its formats could be changed when
    /// the patch came, and nobody else's bytes arrive meanwhile.
    fn described_now(&self, current: &Image) -> Result<Image, ServiceError> {
        let mut image = current.clone();
        image.updated_at = self.core().parts.clock.now();
        if self.changes.is_empty() {
            return Ok(image);
        }
        image.status = self.plan.image().status;
        let changes = self.changes.clone();
        let described = self
            .service
            .described_again(&self.caller, &image, changes)?;
        Ok(Image {
            status: current.status,
            ..described
        })
    }

    /// The new places, best first.
    fn new_locations(&self) -> Vec<Location> {
        let mut locations: Vec<_> = self.plan.new_locations().cloned().collect();
        let stores = &self.core().parts.stores;
        locations.sort_by_key(|location| stores.rank(&location.store));
        locations
    }

    /// What was read, at all the new places.
    fn stored(&self, surveyed: Surveyed) -> Stored {
        Stored {
            verified: surveyed.verified,
            virtual_size: surveyed.virtual_size,
            locations: self.new_locations(),
        }
    }

    /// Writes down the places of an image that has bytes, as far as they are still there.
    async fn save(&self, tx: &mut Transaction, current: &Image) -> Result<bool, ServiceError> {
        let core = self.core();
        let is_there = |at: &Location| {
            let mut there = current.locations.iter().chain(self.plan.new_locations());
            there.any(|it| it.store == at.store && it.url == at.url)
        };
        let mut locations = self.plan.locations(core);
        locations.retain(is_there);
        let now = core.parts.clock.now();
        Ok(tx.save_locations(current.id, &locations, now).await?)
    }

    /// Leaves the image as it was because of `reason`, which is given back; if the image was deleted
    /// meanwhile, that is the reason.
    async fn give_up(&self, reason: ServiceError) -> ServiceError {
        match self.abandon(&reason).await {
            Ok(true) => reason,
            Ok(false) => ServiceError::Gone(self.id()),
            Err(error) => {
                tracing::warn!(
                    image.id = %self.id(),
                    error = &error as &dyn std::error::Error,
                    "a location could not be given up; the next sweep does it"
                );
                reason
            }
        }
    }

    async fn abandon(&self, reason: &ServiceError) -> Result<bool, ServiceError> {
        let (core, id) = (self.core(), self.id());
        let mut tx = core.begin_on(id).await?;
        if !tx.release_claim(id, self.holder).await? {
            return Ok(true);
        }
        let is_there = match tx.find_status(id).await? {
            Some(from @ ImageStatus::Saving) => core.abandon(&mut tx, id, from, reason).await?,
            status => status.is_some_and(|status| status != ImageStatus::Deleted),
        };
        tx.commit().await?;
        Ok(is_there)
    }
}

/// Refuses a place that has another number of bytes than the image, or than another place.
fn check_size(known: Option<u64>, size: u64) -> Result<(), ServiceError> {
    match known.filter(|known| *known != size) {
        Some(known) => Err(ServiceError::Conflict(format!(
            "size: {known} bytes are known of the image, and there are {size} at the location"
        ))),
        None => Ok(()),
    }
}
