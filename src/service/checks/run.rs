//! Reading one copy, by whoever holds the lease.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::fault::Fault;
use crate::{
    domain::{
        Check, CheckPurpose, CopyRecord, CopyState, Digests, Expectation, ExpectedDigests, Image,
        ImageStatus, Mismatch, StoreId, Verified,
    },
    service::{Core, Occasion, ServiceError, lease},
    store::{External, NamedStore, Registered, StoreError},
    stream::{self, Outgoing},
};

/// One attempt at a check.
pub(super) struct Run {
    pub(super) core: Arc<Core>,
    pub(super) holder: Uuid,
    pub(super) check: Check,
}

/// What is to be read.
pub(super) struct Subject {
    pub(super) image: Image,
    pub(super) known: ExpectedDigests,
    /// What is known of all copies.
    pub(super) copies: Vec<CopyRecord>,
}

impl Subject {
    /// Whether the copy in `store` was sound when it was read last.
    pub(super) fn was_sound(&self, store: &StoreId) -> bool {
        let mut copies = self.copies.iter();
        copies.any(|copy| copy.store == *store && copy.state == CopyState::Sound)
    }
}

/// How an attempt ended, for who began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The copy is what it should be.
    Sound,
    /// It certainly is not.
    Bad,
    /// It cannot be told now.
    PutOff,
    /// There is no such copy any more.
    Gone,
    /// Another process has it.
    Lost,
    /// This process stops.
    Stopped,
}

/// What came of a reading.
enum Outcome {
    /// The copy was read to its end.
    Read(Result<Verified, Fault>),
    /// The lease is lost, or the image was deleted.
    Lost,
    /// This process stops.
    Stopped,
}

impl Run {
    pub(super) fn new(core: &Arc<Core>, holder: Uuid, check: Check) -> Self {
        Self {
            core: Arc::clone(core),
            holder,
            check,
        }
    }

    /// Reads the copy, and writes down what came of it.
    pub(super) async fn attempt(self, stop: &CancellationToken) -> Result<Ended, ServiceError> {
        let Some(subject) = self.subject().await? else {
            self.end_without_copy().await?;
            return Ok(Ended::Gone);
        };
        tracing::debug!(
            image.id = %self.check.image_id,
            store.id = %self.check.store,
            purpose = %self.check.purpose,
            attempt = self.check.attempts,
            "a copy is read again"
        );
        if self.is_to_heal(&subject) {
            return self.heal(&subject, stop).await;
        }
        let outcome = tokio::select! {
            read = self.read(&subject) => Outcome::Read(read),
            () = self.hold() => Outcome::Lost,
            () = stop.cancelled() => Outcome::Stopped,
        };
        Ok(match outcome {
            Outcome::Read(Ok(verified)) => {
                self.confirm(&subject, &verified).await?;
                Ended::Sound
            }
            Outcome::Read(Err(Fault::Bad(damage))) => {
                self.condemn(&subject, damage).await?;
                Ended::Bad
            }
            Outcome::Read(Err(Fault::Passing(error))) => {
                self.put_off(&error).await?;
                Ended::PutOff
            }
            Outcome::Lost => Ended::Lost,
            Outcome::Stopped => {
                self.put_back().await?;
                Ended::Stopped
            }
        })
    }

    /// What is to be read; none if there is no such copy any more.
    async fn subject(&self) -> Result<Option<Subject>, ServiceError> {
        let mut session = self.core.parts.db.read().await?;
        let Some(image) = session.find_image(self.check.image_id).await? else {
            return Ok(None);
        };
        let has_data = matches!(image.status, ImageStatus::Active | ImageStatus::Deactivated);
        let at = |store: &StoreId| image.locations.iter().any(|at| at.store == *store);
        if !has_data || !at(&self.check.store) {
            return Ok(None);
        }
        let known = self.core.known_digests(&mut session, &image).await?;
        let copies = session.list_copies(image.id).await?;
        Ok(Some(Subject {
            image,
            known,
            copies,
        }))
    }

    pub(super) async fn read(&self, subject: &Subject) -> Result<Verified, Fault> {
        let parts = &self.core.parts;
        let limit = parts.settings.max_attempts;
        if self.check.attempts > limit {
            return Err(Fault::Passing(ServiceError::Interrupted(format!(
                "the copy was read {limit} times, and each time the process that did it stopped"
            ))));
        }
        let named = self.named()?;
        let image = &subject.image;
        let expectation = self.expectation(subject)?;
        if let Some(external) = named.external() {
            return self.read_external(image, external, &expectation).await;
        }
        let actual = self.find(named, image).await?;
        if let Some(expected) = image.size.filter(|size| *size != actual) {
            let mismatch = Mismatch::Size { expected, actual };
            return Err(Fault::of(mismatch, Digests::default()));
        }
        let source = named.store.open(image.id, 0..actual).await?;
        self.read_all(source, &expectation).await
    }

    /// Reads what others have of the image, at all its addresses in the store: it is sound if all
    /// of it is.
    async fn read_external(
        &self,
        image: &Image,
        external: &dyn External,
        expectation: &Expectation,
    ) -> Result<Verified, Fault> {
        let mut read = None;
        let there = image.locations.iter();
        for at in there.filter(|at| at.store == self.check.store) {
            let bytes = Registered {
                image: image.id,
                url: &at.url,
                size: image.size.unwrap_or(0),
            };
            let source = external.open(bytes, 0).await.map_err(|error| match error {
                // Servers forget and remember; only bytes that came tell for certain.
                error @ StoreError::NotFound(_) => {
                    Fault::Passing(ServiceError::StoreUnavailable(error.into()))
                }
                error => error.into(),
            })?;
            read = Some(self.read_all(source, expectation).await?);
        }
        read.ok_or_else(|| Fault::Passing(ServiceError::NotHere("the copy is not there any more")))
    }

    async fn read_all(
        &self,
        source: Outgoing,
        expectation: &Expectation,
    ) -> Result<Verified, Fault> {
        let paced = stream::paced(source, Arc::clone(&self.core.pace));
        let occasion = occasion(self.check.purpose);
        let read = self.core.read_again(paced, expectation, occasion);
        let measured = read.await?;
        let verified = expectation.verify(&measured);
        verified.map_err(|mismatch| Fault::of(mismatch, measured.digests))
    }

    /// The store of the copy.
    pub(super) fn named(&self) -> Result<&NamedStore, ServiceError> {
        let named = self.core.parts.stores.get(self.check.store.as_str());
        named.ok_or(ServiceError::NotHere(
            "the store of the data is not configured any more",
        ))
    }

    /// What the copy must be.
    pub(super) fn expectation(&self, subject: &Subject) -> Result<Expectation, ServiceError> {
        self.core
            .expected_again(&subject.image, &subject.known, &self.check.algorithms)
            .ok_or(ServiceError::NotHere(
                "no digest of the data is known that could be computed",
            ))
    }

    /// How many bytes the store holds of the image. One that holds nothing at all is not believed.
    pub(super) async fn find(&self, named: &NamedStore, image: &Image) -> Result<u64, Fault> {
        let size = named.store.size(image.id).await;
        let is_gone = matches!(size, Err(StoreError::NotFound(_)));
        if is_gone && named.store.list().await?.is_empty() {
            return Err(Fault::Passing(ServiceError::StoreUnavailable(
                "the store holds nothing at all: is its file system mounted?".into(),
            )));
        }
        Ok(size?)
    }

    async fn hold(&self) {
        let parts = &self.core.parts;
        let length = parts.settings.lease;
        let renew = async || {
            let until = parts.clock.now().plus(length);
            let mut tx = parts.db.begin().await?;
            let renewed = tx.renew_check(&self.check, self.holder, until).await?;
            tx.commit().await?;
            Ok(renewed)
        };
        lease::hold(length, renew).await;
    }
}

/// As what the figures count a reading.
const fn occasion(purpose: CheckPurpose) -> Occasion {
    match purpose {
        CheckPurpose::Verify | CheckPurpose::Read => Occasion::Verify,
        CheckPurpose::Hash | CheckPurpose::Backfill => Occasion::Backfill,
        CheckPurpose::Scrub => Occasion::Scrub,
        CheckPurpose::Heal => Occasion::Heal,
    }
}
