//! Copies that are read again, and held against everything that is known of the image.
//!
//! Who wants it asks ([`CheckService::verify`], [`CheckService::hash`]); the asking is durable, and
//! any process may do it. A copy that nobody asked for has its turn when it has not been read for
//! long ([`CheckService::scrub_next`]). There is one reading of a copy at a time, whoever does it.

mod backfill;
mod end;
mod fault;
mod heal;
mod known;
mod quarantine;
mod run;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use self::backfill::Filled;
use self::run::Run;
use crate::{
    db::{Lease, Transaction},
    domain::{Algorithm, Caller, Check, CheckPurpose, CopyRecord, Image, ImageId, StoreId},
    policy::Action,
    service::{Core, ServiceError},
};

/// How many copies that have not been read for long are looked at, to find one that no other
/// process reads.
const CANDIDATES: u32 = 32;

/// Use cases of copies that are read again.
#[derive(Clone)]
pub struct CheckService(Arc<Core>);

impl CheckService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// Asks for every copy of the image to be read again. When this returns, the asking is
    /// durable.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`], [`ServiceError::Denied`]; [`ServiceError::Illegal`] unless the
    /// image has verified data.
    #[tracing::instrument(name = "checks.verify", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn verify(&self, caller: &Caller, id: ImageId) -> Result<(), ServiceError> {
        let core = &self.0;
        let mut tx = core.begin_on(id).await?;
        let sighted = core
            .permitted(&mut tx, caller, id, Action::VerifyImage)
            .await?;
        sighted.image.status.verify()?;
        let by = Asker::from(caller);
        for location in &sighted.image.locations {
            let check = by.check(id, &location.store, CheckPurpose::Verify);
            tx.ask_check(&check, core.parts.clock.now()).await?;
        }
        self.0.commit_asked(tx).await
    }

    /// Asks for the image's digest under `algorithm`, from the best of its copies. If it is known,
    /// nothing is to be done. When this returns, the asking is durable.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`], [`ServiceError::Denied`]; [`ServiceError::Invalid`] if the
    /// operator does not allow the algorithm; [`ServiceError::Illegal`] unless the image is active;
    /// [`ServiceError::Conflict`] if no copy is sound.
    #[tracing::instrument(name = "checks.hash", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn hash(
        &self,
        caller: &Caller,
        id: ImageId,
        algorithm: &Algorithm,
    ) -> Result<(), ServiceError> {
        let core = &self.0;
        let mut tx = core.begin_on(id).await?;
        let sighted = core
            .permitted(&mut tx, caller, id, Action::CalculateHash)
            .await?;
        core.check_choice(algorithm)?;
        sighted.image.status.hash()?;
        let records = tx.list_digests(id).await?;
        if records
            .iter()
            .any(|record| record.digest.algorithm() == algorithm)
        {
            return Ok(());
        }
        let copies = tx.list_copies(id).await?;
        let best = core.good_copies(&sighted.image, &copies).next();
        let store = best.ok_or_else(|| {
            ServiceError::Conflict(format!("no copy of image {id} is known to be sound"))
        })?;
        let mut check = Asker::from(caller).check(id, store, CheckPurpose::Hash);
        check.algorithms = vec![algorithm.clone()];
        tx.ask_check(&check, core.parts.clock.now()).await?;
        core.commit_asked(tx).await
    }

    /// Takes the next copy that is to be read, or whose reader has stopped, and reads it; `false`
    /// if there is none. When `stop` is called it goes back to those that wait.
    ///
    /// # Errors
    ///
    /// If the database cannot be used: the check's lease then lapses, and it is taken again.
    #[tracing::instrument(name = "checks.run", level = "debug", skip_all)]
    pub async fn run_next(&self, stop: &CancellationToken) -> Result<bool, ServiceError> {
        let lease = self.0.new_lease();
        let mut tx = self.0.parts.db.begin().await?;
        let check = tx.claim_check(lease).await?;
        tx.commit().await?;
        let Some(check) = check else { return Ok(false) };
        Run::new(&self.0, lease.holder, check).attempt(stop).await?;
        Ok(true)
    }

    /// Reads the copy that was not read for longest, if that is longer than the settings say, and
    /// nobody else does; `false` if there is none. When `stop` is called, it is left for later.
    ///
    /// # Errors
    ///
    /// As [`CheckService::run_next`].
    #[tracing::instrument(name = "checks.scrub", level = "debug", skip_all)]
    pub async fn scrub_next(&self, stop: &CancellationToken) -> Result<bool, ServiceError> {
        let parts = &self.0.parts;
        let Some(age) = parts.settings.at_rest.scrub_age else {
            return Ok(false);
        };
        let before = parts.clock.now().minus(age);
        let stale = {
            let mut session = parts.db.read().await?;
            session.list_stale_copies(before, CANDIDATES).await?
        };
        for (id, store) in stale {
            let wanted = Asker::default().check(id, &store, CheckPurpose::Scrub);
            let lease = self.0.new_lease();
            let mut tx = self.0.begin_on(id).await?;
            let begun = tx.begin_check(&wanted, lease).await?;
            // Another process may have read it since it was listed.
            let read = |copy: &CopyRecord| copy.checked_at.is_some_and(|at| at >= before);
            let copies = tx.list_copies(id).await?;
            let Some(check) = begun.filter(|_| copies.iter().any(|c| c.store == store && !read(c)))
            else {
                continue;
            };
            tx.commit().await?;
            Run::new(&self.0, lease.holder, check).attempt(stop).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Whether copies are read that nobody asked for.
    #[must_use]
    pub fn scrubs(&self) -> bool {
        self.0.parts.settings.at_rest.scrub_age.is_some()
    }

    /// Ends when this process was asked to read a copy.
    pub async fn asked(&self) {
        self.0.checks_asked.notified().await;
    }
}

/// Who asks for a check; by default, nobody.
#[derive(Debug, Clone, Default)]
struct Asker {
    user_id: Option<String>,
    request_id: Option<String>,
}

impl From<&Caller> for Asker {
    fn from(caller: &Caller) -> Self {
        Self {
            user_id: caller.user_id.clone(),
            request_id: Some(caller.request_id.clone()),
        }
    }
}

impl Asker {
    fn check(&self, image_id: ImageId, store: &StoreId, purpose: CheckPurpose) -> Check {
        Check {
            image_id,
            store: store.clone(),
            purpose,
            algorithms: Vec::new(),
            user_id: self.user_id.clone(),
            request_id: self.request_id.clone(),
            attempts: 0,
        }
    }
}

impl Core {
    pub(super) fn new_lease(&self) -> Lease {
        let now = self.parts.clock.now();
        Lease {
            holder: self.parts.ids.next(),
            now,
            until: now.plus(self.parts.settings.lease),
        }
    }

    /// Commits `tx`, in which checks were asked for.
    async fn commit_asked(&self, tx: Transaction) -> Result<(), ServiceError> {
        tx.commit().await?;
        self.checks_asked.notify_one();
        Ok(())
    }

    /// The stores whose copies of the image may be sound, best first.
    fn good_copies<'a>(
        &'a self,
        image: &'a Image,
        copies: &'a [CopyRecord],
    ) -> impl Iterator<Item = &'a StoreId> {
        let holds = |id: &StoreId| image.locations.iter().any(|at| at.store == *id);
        let is_bad = |id: &StoreId| {
            copies
                .iter()
                .any(|copy| copy.store == *id && copy.state.is_bad())
        };
        let stores = self.parts.stores.iter().map(|named| &named.id);
        stores.filter(move |id| holds(id) && !is_bad(id))
    }

    /// Asks within `tx` for a check that nobody asked for, besides those there are.
    async fn ask_again(&self, tx: &mut Transaction, check: &Check) -> Result<(), ServiceError> {
        Ok(tx.ask_check(check, self.parts.clock.now()).await?)
    }
}
