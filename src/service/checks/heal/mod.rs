//! Making a copy that is not what it should be anew, from another copy of the image.
//!
//! Whoever does it holds the copy's check and a claim on the image, so that nobody else touches
//! its bytes. What the store holds stays until the new copy lies beside it, whole and verified;
//! that takes its place at once, and is read back. A process may be killed at any point of it: the
//! check stays, and another process takes it up.

mod end;

use tokio_util::sync::CancellationToken;

use super::{
    fault::Fault,
    run::{Ended, Run, Subject},
};
use crate::{
    db::DbError,
    domain::{CheckPurpose, CopyRecord, CopyState, ImageStatus, Verified},
    service::{
        OnDamage, ServiceError,
        data::{Arrived, Shortfall},
        lease,
    },
    store::NamedStore,
};

/// Whether the image may be worked on.
enum Claimed {
    /// Nobody else does.
    Ours,
    /// Somebody does.
    Busy,
    /// The store is not to have a copy of it any more.
    Gone,
}

/// What is there before anything is put in its place.
enum Prepared {
    /// The copy is sound: an attempt before this one has put it there.
    Sound(Verified),
    /// A new copy lies aside.
    Aside(Arrived),
}

/// Why a copy was not made anew.
struct Setback {
    error: ServiceError,
    /// Whether it is the other copies' fault, and not that of the store.
    is_of_others: bool,
}

/// What came of an attempt.
enum Outcome {
    /// The copy was read back, and is sound.
    Healed(Verified),
    Failed(Setback),
    /// A lease is lost, or the image was deleted.
    Lost,
    /// This process stops.
    Stopped,
}

impl Setback {
    const fn of_store(error: ServiceError) -> Self {
        Self {
            error,
            is_of_others: false,
        }
    }

    /// Whether another attempt would change nothing: there is nothing to copy, or nowhere to.
    const fn is_final(&self) -> bool {
        matches!(
            self.error,
            ServiceError::NotHere(_) | ServiceError::Conflict(_)
        )
    }
}

impl From<Shortfall> for Setback {
    fn from(shortfall: Shortfall) -> Self {
        Self {
            is_of_others: shortfall.stores.is_empty(),
            error: shortfall.reason,
        }
    }
}

impl From<Fault> for Setback {
    /// What was written is read back.
    fn from(fault: Fault) -> Self {
        Self::of_store(match fault {
            Fault::Passing(error) => error,
            Fault::Bad(damage) => ServiceError::Interrupted(format!(
                "what the store took reads otherwise: {}",
                damage.reason
            )),
        })
    }
}

impl Run {
    /// Whether the copy is known not to be what it should be, and is to be made anew.
    pub(super) fn is_to_heal(&self, subject: &Subject) -> bool {
        self.check.purpose == CheckPurpose::Heal
            && self.core.parts.settings.at_rest.on_damage == OnDamage::Heal
            && self.bad_copy(subject).is_some()
    }

    /// Makes the copy anew, and writes down what came of it.
    pub(super) async fn heal(
        &self,
        subject: &Subject,
        stop: &CancellationToken,
    ) -> Result<Ended, ServiceError> {
        match self.claim_image().await? {
            Claimed::Ours => (),
            Claimed::Busy => return self.wait_for_others().await,
            Claimed::Gone => {
                self.end_without_copy().await?;
                return Ok(Ended::Gone);
            }
        }
        match self.remake(subject, stop).await {
            Outcome::Healed(verified) => self.end_healed(subject, &verified).await,
            Outcome::Failed(setback) => self.end_unhealed(subject, &setback).await,
            Outcome::Lost => self.leave().await,
            Outcome::Stopped => self.end_stopped().await,
        }
    }

    fn bad_copy<'a>(&self, subject: &'a Subject) -> Option<&'a CopyRecord> {
        let mut copies = subject.copies.iter();
        copies.find(|copy| copy.store == self.check.store && copy.state.is_bad())
    }

    /// Claims the image, unless somebody moves bytes of it.
    async fn claim_image(&self) -> Result<Claimed, ServiceError> {
        let id = self.check.image_id;
        let mut tx = self.core.begin_on(id).await?;
        let image = tx.find_image(id).await?.filter(|image| {
            matches!(image.status, ImageStatus::Active | ImageStatus::Deactivated)
                && image
                    .locations
                    .iter()
                    .any(|at| at.store == self.check.store)
        });
        if image.is_none() {
            return Ok(Claimed::Gone);
        }
        if tx.live_task(id).await?.is_some() {
            return Ok(Claimed::Busy);
        }
        if !self.core.claim_image(&mut tx, id, self.holder).await? {
            return Ok(Claimed::Busy);
        }
        tx.commit().await?;
        Ok(Claimed::Ours)
    }

    async fn remake(&self, subject: &Subject, stop: &CancellationToken) -> Outcome {
        let prepared = tokio::select! {
            prepared = self.holding(self.prepare(subject)) => prepared,
            () = stop.cancelled() => return Outcome::Stopped,
        };
        let arrived = match prepared {
            Some(Ok(Prepared::Aside(arrived))) => arrived,
            Some(Ok(Prepared::Sound(verified))) => return Outcome::Healed(verified),
            Some(Err(setback)) => return Outcome::Failed(setback),
            None => return Outcome::Lost,
        };
        // A lease that was lost meanwhile may have gone to who deletes the copy.
        if !matches!(self.renew_both().await, Ok(true)) {
            return Outcome::Lost;
        }
        // What was begun here is not broken off: it could go on behind the back of who stops it.
        match self.holding(self.core.replace(arrived)).await {
            Some(Ok(())) => (),
            Some(Err(error)) => return Outcome::Failed(Setback::of_store(error)),
            None => return Outcome::Lost,
        }
        tokio::select! {
            read = self.holding(self.read(subject)) => match read {
                Some(Ok(verified)) => Outcome::Healed(verified),
                Some(Err(fault)) => Outcome::Failed(fault.into()),
                None => Outcome::Lost,
            },
            () = stop.cancelled() => Outcome::Stopped,
        }
    }

    /// Does `work` for as long as both leases are held; none if one is lost. Nothing is left of the
    /// renewals when it is done: one that is held up would hold up whoever uses the database next.
    async fn holding<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let length = self.core.parts.settings.lease;
        tokio::select! {
            done = work => Some(done),
            () = lease::hold(length, || self.renew_both()) => None,
        }
    }

    /// Gets a new copy ready, beside what the store holds.
    async fn prepare(&self, subject: &Subject) -> Result<Prepared, Setback> {
        let core = &self.core;
        let limit = core.parts.settings.max_attempts;
        if self.check.attempts > limit {
            return Err(Setback::of_store(ServiceError::Interrupted(format!(
                "that was begun {limit} times, and each time the process that did it stopped"
            ))));
        }
        let named = self.named().map_err(Setback::of_store)?;
        // A store that holds nothing at all may not be mounted: nothing is written there then.
        if let Err(Fault::Passing(error)) = self.find(named, &subject.image).await {
            return Err(Setback::of_store(error));
        }
        if self.check.attempts > 1
            && let Ok(verified) = self.read(subject).await
        {
            return Ok(Prepared::Sound(verified));
        }
        let cleared = named.store.delete_unpublished(self.check.image_id).await;
        cleared.map_err(|error| Setback::of_store(error.into()))?;
        let expectation = self.expectation(subject).map_err(Setback::of_store)?;
        let sources: Vec<&NamedStore> = core
            .good_copies(&subject.image, &subject.copies)
            .filter_map(|id| core.parts.stores.get(id.as_str()))
            .collect();
        let arrived = core.copy_anew(&subject.image, &sources, named, expectation);
        Ok(Prepared::Aside(arrived.await?))
    }

    /// Moves the ends of both leases, and tells whether they are held still and the image is
    /// there.
    async fn renew_both(&self) -> Result<bool, DbError> {
        let (id, parts) = (self.check.image_id, &self.core.parts);
        let until = parts.clock.now().plus(parts.settings.lease);
        let mut tx = self.core.begin_on(id).await?;
        let renewed = tx.renew_check(&self.check, self.holder, until).await?
            && tx.renew_claim(id, self.holder, until).await?;
        tx.commit().await?;
        Ok(renewed)
    }

    /// How the copy was found, and why it is not sound.
    fn found(&self, subject: &Subject) -> (CopyState, String) {
        self.bad_copy(subject)
            .map_or((CopyState::Damaged, String::new()), |copy| {
                (copy.state, copy.reason.clone().unwrap_or_default())
            })
    }
}
