//! How a reading of a copy ends: each end is one transaction, and only its holder's.

use std::time::Duration;

use super::{
    fault::Damage,
    run::{Run, Subject},
};
use crate::{
    db::{Finding, Transaction, Unsound},
    domain::{
        Check, CopyState, Digest, DigestSource, Digests, Failure, ReceiptOccasion, Timestamp,
        Verification, Verified,
    },
    notify::Event,
    service::ServiceError,
};

/// How long the first pause is after a copy could not be read; each further one is twice as long.
const PAUSE: Duration = Duration::from_secs(5);

/// How often the pause doubles at most.
const DOUBLINGS: u32 = 6;

impl Run {
    /// The copy has every digest that is known of the image: they are confirmed, and those that
    /// were not known are recorded.
    pub(super) async fn confirm(
        &self,
        subject: &Subject,
        verified: &Verified,
    ) -> Result<(), ServiceError> {
        let Some((mut tx, _)) = self.finish().await? else {
            return Ok(());
        };
        let occasion = ReceiptOccasion::Found(DigestSource::Scrub);
        self.record(&mut tx, subject, verified, occasion).await?;
        if !subject.was_sound(&self.check.store) {
            self.core.heal_others(&mut tx, &self.check).await?;
        }
        self.core.commit_asked(tx).await?;
        self.count(CopyState::Sound, verified.size());
        tracing::info!(
            image.id = %self.check.image_id,
            store.id = %self.check.store,
            purpose = %self.check.purpose,
            size_bytes = verified.size(),
            "a copy was read again, and is sound"
        );
        Ok(())
    }

    /// The copy is certainly not what it should be.
    pub(super) async fn condemn(
        &self,
        subject: &Subject,
        damage: Damage,
    ) -> Result<(), ServiceError> {
        let Some((mut tx, at)) = self.finish().await? else {
            return Ok(());
        };
        let (state, reason) = (damage.state, &*damage.reason);
        self.mark(&mut tx, state, reason, at).await?;
        let verification = Verification {
            image: self.check.image_id,
            store: self.check.store.clone(),
            occasion: ReceiptOccasion::Found(DigestSource::Scrub),
            digests: damage.actual,
            failure: Some(Failure {
                state,
                expected: subject.known.clone(),
            }),
            at,
        };
        tx.ask_receipt(&verification).await?;
        let damaged = Event::Damaged {
            image: &subject.image,
            store: &self.check.store,
            state,
            reason,
        };
        self.core.emit(&mut tx, damaged).await?;
        self.ask_of_another(&mut tx, subject).await?;
        self.core.respond(&mut tx, &self.check, reason).await?;
        self.core.commit_asked(tx).await?;
        self.count(state, 0);
        tracing::error!(
            image.id = %self.check.image_id,
            store.id = %self.check.store,
            state = %state,
            reason,
            "a copy of an image is not what it should be"
        );
        Ok(())
    }

    /// What could not be told now is tried again later, a few times.
    pub(super) async fn put_off(&self, error: &ServiceError) -> Result<(), ServiceError> {
        let parts = &self.core.parts;
        let attempts = self.check.attempts;
        let last = attempts >= parts.settings.max_attempts || !may_pass(error);
        tracing::warn!(
            image.id = %self.check.image_id,
            store.id = %self.check.store,
            error = error as &dyn std::error::Error,
            attempt = attempts,
            last,
            "a copy of an image could not be read again"
        );
        if last {
            let Some((mut tx, at)) = self.finish().await? else {
                return Ok(());
            };
            self.mark(&mut tx, CopyState::Unreadable, &error.to_string(), at)
                .await?;
            tx.commit().await?;
            self.count(CopyState::Unreadable, 0);
            return Ok(());
        }
        let due = parts.clock.now().plus(pause(attempts));
        let mut tx = parts.db.begin().await?;
        tx.release_check(&self.check, self.holder, due).await?;
        Ok(tx.commit().await?)
    }

    /// There is no such copy any more.
    pub(super) async fn end_without_copy(&self) -> Result<(), ServiceError> {
        if let Some((tx, _)) = self.finish().await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// This process stops: others may go on at once, as if the reading had not been begun.
    pub(super) async fn put_back(&self) -> Result<(), ServiceError> {
        let parts = &self.core.parts;
        let unbegun = Check {
            attempts: self.check.attempts.saturating_sub(1),
            ..self.check.clone()
        };
        let mut tx = parts.db.begin().await?;
        tx.release_check(&unbegun, self.holder, parts.clock.now())
            .await?;
        Ok(tx.commit().await?)
    }

    /// A transaction in which the check has ended, and its time; none if somebody else holds it
    /// now.
    pub(super) async fn finish(&self) -> Result<Option<(Transaction, Timestamp)>, ServiceError> {
        let mut tx = self.core.begin_on(self.check.image_id).await?;
        let finished = tx.finish_check(&self.check, self.holder).await?;
        Ok(finished.then(|| (tx, self.core.parts.clock.now())))
    }

    /// Within `tx`: those digests that were known are confirmed of the copy, on this occasion, and
    /// the others are recorded.
    pub(super) async fn record(
        &self,
        tx: &mut Transaction,
        subject: &Subject,
        verified: &Verified,
        occasion: ReceiptOccasion,
    ) -> Result<(), ServiceError> {
        let id = self.check.image_id;
        let is_known = |digest: &Digest| subject.known.iter().any(|known| known == digest);
        let (known, new): (Vec<_>, Vec<_>) = verified.digests().iter().cloned().partition(is_known);
        let known = Digests::from_iter(known);
        let scrubbed = self.finding(DigestSource::Scrub, &known);
        match occasion {
            ReceiptOccasion::Heal => tx.record_healed(id, &scrubbed).await?,
            ReceiptOccasion::Found(_) => tx.record_digests(id, &scrubbed).await?,
        }
        if !new.is_empty() {
            let new = Digests::from_iter(new);
            let found = self.finding(DigestSource::Backfill, &new);
            tx.record_digests(id, &found).await?;
        }
        Ok(())
    }

    fn finding<'a>(&'a self, source: DigestSource, digests: &'a Digests) -> Finding<'a> {
        Finding {
            store: &self.check.store,
            source,
            digests,
            at: self.core.parts.clock.now(),
        }
    }

    pub(super) async fn mark(
        &self,
        tx: &mut Transaction,
        state: CopyState,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), ServiceError> {
        let found = Unsound {
            store: &self.check.store,
            state,
            reason,
            at,
        };
        Ok(tx.mark_copy(self.check.image_id, &found).await?)
    }

    /// What was wanted of this copy besides is wanted of another one, if one may be sound.
    async fn ask_of_another(
        &self,
        tx: &mut Transaction,
        subject: &Subject,
    ) -> Result<(), ServiceError> {
        if self.check.algorithms.is_empty() {
            return Ok(());
        }
        let copies = tx.list_copies(self.check.image_id).await?;
        let Some(store) = self.core.good_copies(&subject.image, &copies).next() else {
            return Ok(());
        };
        let check = Check {
            store: store.clone(),
            ..self.check.clone()
        };
        self.core.ask_again(tx, &check).await
    }

    pub(super) fn count(&self, state: CopyState, bytes: u64) {
        let (result, purpose) = (state.as_str(), self.check.purpose.as_str());
        metrics::counter!("hallmark_scrub_copies_total", "result" => result, "purpose" => purpose)
            .increment(1);
        metrics::counter!("hallmark_scrub_bytes_total", "purpose" => purpose).increment(bytes);
    }
}

/// How long it takes until the next attempt after so many.
pub(super) fn pause(attempts: u32) -> Duration {
    PAUSE * 2_u32.pow(attempts.saturating_sub(1).min(DOUBLINGS))
}

/// Whether another attempt may succeed.
const fn may_pass(error: &ServiceError) -> bool {
    matches!(
        error,
        ServiceError::StoreUnavailable(_) | ServiceError::Internal(_)
    )
}
