//! How an attempt to make a copy anew ends: each end is one transaction, and only its holder's.

use super::{Ended, Run, Setback, Subject};
use crate::{
    db::Transaction,
    domain::{Check, CopyState, ReceiptOccasion, Verified},
    notify::Event,
    service::{ServiceError, Verdict, checks::end::pause, figures::note_healed},
};

impl Run {
    /// The new copy was read back: it has every digest that is known of the image.
    pub(super) async fn end_healed(
        &self,
        subject: &Subject,
        verified: &Verified,
    ) -> Result<Ended, ServiceError> {
        let Some(mut tx) = self.begin_end().await? else {
            return self.leave().await;
        };
        tx.release_claim(self.check.image_id, self.holder).await?;
        if !tx.finish_check(&self.check, self.holder).await? {
            tx.commit().await?;
            return Ok(Ended::Lost);
        }
        let (before, _) = self.found(subject);
        self.record(&mut tx, subject, verified, ReceiptOccasion::Heal)
            .await?;
        let healed = Event::Healed {
            image: &subject.image,
            store: &self.check.store,
            before,
        };
        self.core.emit(&mut tx, healed).await?;
        tx.commit().await?;
        self.count(CopyState::Sound, verified.size());
        note_healed(Verdict::Success);
        tracing::warn!(
            image.id = %self.check.image_id,
            store.id = %self.check.store,
            before = %before,
            size_bytes = verified.size(),
            "a copy of an image was made anew from another one, and is sound"
        );
        Ok(Ended::Sound)
    }

    /// The copy is what it was. Another attempt is made later, a few times.
    pub(super) async fn end_unhealed(
        &self,
        subject: &Subject,
        setback: &Setback,
    ) -> Result<Ended, ServiceError> {
        let attempts = self.check.attempts;
        let last = setback.is_final() || attempts >= self.core.parts.settings.max_attempts;
        tracing::warn!(
            image.id = %self.check.image_id,
            store.id = %self.check.store,
            error = &setback.error as &dyn std::error::Error,
            attempt = attempts,
            last,
            "a copy of an image could not be made anew"
        );
        let Some(mut tx) = self.begin_end().await? else {
            return self.leave().await;
        };
        tx.release_claim(self.check.image_id, self.holder).await?;
        if last {
            return self.give_up(tx, subject, setback).await;
        }
        if setback.is_of_others {
            self.core.suspect_others(&mut tx, &self.check).await?;
        }
        let due = self.core.parts.clock.now().plus(pause(attempts));
        tx.release_check(&self.check, self.holder, due).await?;
        self.core.commit_asked(tx).await?;
        Ok(Ended::PutOff)
    }

    /// The copy stays as it was found, until it is read again.
    async fn give_up(
        &self,
        mut tx: Transaction,
        subject: &Subject,
        setback: &Setback,
    ) -> Result<Ended, ServiceError> {
        if !tx.finish_check(&self.check, self.holder).await? {
            tx.commit().await?;
            return Ok(Ended::Lost);
        }
        let (state, found) = self.found(subject);
        let reason = format!("{found}; it could not be made anew: {}", setback.error);
        let at = self.core.parts.clock.now();
        self.mark(&mut tx, state, &reason, at).await?;
        self.core
            .close_unless_sound(&mut tx, &self.check, &reason)
            .await?;
        self.core.commit_asked(tx).await?;
        note_healed(Verdict::Failure);
        tracing::error!(
            image.id = %self.check.image_id,
            store.id = %self.check.store,
            state = %state,
            reason,
            "a copy of an image stays what it should not be"
        );
        Ok(Ended::Bad)
    }

    /// Somebody moves bytes of the image: the copy has its turn after that.
    pub(super) async fn wait_for_others(&self) -> Result<Ended, ServiceError> {
        let parts = &self.core.parts;
        let mut tx = self.core.begin_on(self.check.image_id).await?;
        let due = parts.clock.now().plus(pause(1));
        tx.release_check(&self.unbegun(), self.holder, due).await?;
        tx.commit().await?;
        Ok(Ended::PutOff)
    }

    /// This process stops: others may go on at once, as if it had not been begun.
    pub(super) async fn end_stopped(&self) -> Result<Ended, ServiceError> {
        let Some(mut tx) = self.begin_end().await? else {
            return self.leave().await;
        };
        tx.release_claim(self.check.image_id, self.holder).await?;
        let now = self.core.parts.clock.now();
        tx.release_check(&self.unbegun(), self.holder, now).await?;
        tx.commit().await?;
        Ok(Ended::Stopped)
    }

    /// A lease is lost, or the image was deleted: what was put in place of its copy goes then, for
    /// whoever deleted it may have come before.
    pub(super) async fn leave(&self) -> Result<Ended, ServiceError> {
        let id = self.check.image_id;
        let mut tx = self.core.begin_on(id).await?;
        let is_gone = tx.find_image(id).await?.is_none();
        let claim = tx.find_claim(id).await?;
        if is_gone && claim.is_some_and(|claim| claim.holder == self.holder) {
            // No transaction is open while bytes move. If they cannot be removed, the claim lapses,
            // and the sweep removes them.
            drop(tx);
            let named = self.named()?;
            named.store.delete(id).await?;
            tx = self.core.begin_on(id).await?;
        }
        tx.release_claim(id, self.holder).await?;
        if is_gone {
            tx.finish_check(&self.check, self.holder).await?;
        }
        tx.commit().await?;
        Ok(if is_gone { Ended::Gone } else { Ended::Lost })
    }

    /// A transaction that has locked the image, if it is there.
    async fn begin_end(&self) -> Result<Option<Transaction>, ServiceError> {
        let mut tx = self.core.begin_on(self.check.image_id).await?;
        let is_there = tx.find_image(self.check.image_id).await?.is_some();
        Ok(is_there.then_some(tx))
    }

    fn unbegun(&self) -> Check {
        Check {
            attempts: self.check.attempts.saturating_sub(1),
            ..self.check.clone()
        }
    }
}
