//! Quotas: what a project may have over all its images, whoever brings it in and however many at
//! a time.
//!
//! What is limited is held against the quota under a lock of the project, in the transaction that
//! begins it, and from then on it is reserved: bytes whose number is known at once, others by a
//! [`Meter`] before they pass on. So what a project has and what is arriving for it never come to
//! more than its quota. A reservation ends in the transaction in which the image becomes active or
//! its bytes are given up; the schema sees to it. One exception is Glance's: data of unknown size
//! may end above a unified limit, one at a time, unless the operator wants it otherwise
//! ([`UnknownSize`](crate::service::UnknownSize)).
//!
//! Whose quota: unified limits are those of the caller's project, as in Glance; what an
//! administrator brings into the image of another project is held against the administrator's
//! until it has arrived, and counts for the image's owner from then on. `user_storage_quota` is
//! the image owner's.

mod account;
mod meter;
mod rule;
mod usage;

use self::account::Account;
pub use self::usage::{QuotaService, ResourceUsage};
pub(super) use self::{
    account::{Arrival, Purpose},
    meter::{Meter, metered},
};
use crate::{
    db::{Db, Transaction},
    domain::{Limit, Resource},
    service::{Core, ServiceError},
};

/// The quotas that hold for what one caller does, as they were when it began.
#[derive(Debug, Clone)]
pub(super) enum Quotas {
    /// Nothing is limited.
    None,
    /// The unified limits of the caller's project.
    Unified(Account),
    /// So many bytes in stores for each owner of images.
    PerOwner(u64),
}

impl Quotas {
    /// Makes sure, until `tx` ends, that there may be one more image of `owner`.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`]
    pub(super) async fn admit_image(
        &self,
        tx: &mut Transaction,
        owner: Option<&str>,
    ) -> Result<(), ServiceError> {
        match self.account(owner) {
            Some(account) => account.admit_image(tx).await,
            None => Ok(()),
        }
    }

    /// Reserves what is known of `arrival` for an image of `owner`, within the transaction that
    /// begins it and after the image has moved to the status that says so. The meter reserves
    /// the rest; there is none if the number of bytes is not limited.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`]
    pub(super) async fn reserve(
        &self,
        db: &Db,
        tx: &mut Transaction,
        owner: Option<&str>,
        arrival: Arrival,
    ) -> Result<Option<Meter>, ServiceError> {
        let Some(account) = self.account(owner) else {
            return Ok(None);
        };
        let is_limited = account.reserve(tx, arrival).await?;
        Ok(is_limited.then(|| Meter::new(db.clone(), account, arrival)))
    }

    /// The project that an image of `owner` is held against; none if it is not limited.
    fn account(&self, owner: Option<&str>) -> Option<Account> {
        match self {
            Self::None => None,
            Self::Unified(account) => Some(account.clone()),
            Self::PerOwner(most) => owner.map(|owner| Account::of_owner(owner, *most)),
        }
    }
}

impl Core {
    /// The quotas that hold for what a caller of `project` does. Limits may be asked from
    /// elsewhere: call it before a transaction begins.
    ///
    /// # Errors
    ///
    /// [`ServiceError::LimitsUnavailable`]
    pub(super) async fn quotas(&self, project: Option<&str>) -> Result<Quotas, ServiceError> {
        let Some(source) = &self.parts.limits else {
            let most = self.parts.settings.user_storage_quota;
            return Ok(most.map_or(Quotas::None, Quotas::PerOwner));
        };
        // Only administrators of the whole system and a registry without authentication have
        // callers without a project.
        let Some(project) = project else {
            return Ok(Quotas::None);
        };
        let limits = source.limits_of(project).await;
        let limits = limits.map_err(ServiceError::LimitsUnavailable)?;
        let unlimited = |resource| limits.of(resource) == Limit::Unlimited;
        if Resource::ALL.into_iter().all(unlimited) {
            return Ok(Quotas::None);
        }
        Ok(Quotas::Unified(Account::of_caller(
            project,
            limits,
            self.parts.settings.unknown_size,
        )))
    }

    /// Whether any project can have a quota.
    pub(super) fn has_quotas(&self) -> bool {
        self.parts.limits.is_some() || self.parts.settings.user_storage_quota.is_some()
    }
}
