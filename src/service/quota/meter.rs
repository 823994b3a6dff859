//! A stage of the data path: bytes pass on once they are reserved.

use futures_util::{StreamExt as _, stream};

use super::{
    account::{Account, Arrival},
    rule::MIB,
};
use crate::{
    db::Db,
    service::ServiceError,
    stream::{Incoming, Interrupted},
};

/// How many bytes are reserved ahead of those that came, far from the quota.
const STEP: u64 = 64 * MIB;

/// What part of the room that is left one arrival reserves ahead. Near the quota it is nothing:
/// what one only might need is then left to others.
const SHARE: u64 = 64;

/// Reserves bytes of a project's quota while they arrive.
#[derive(Debug, Clone)]
pub(in crate::service) struct Meter {
    db: Db,
    account: Account,
    arrival: Arrival,
}

/// Passes `source` on, by way of `meter` if there is one.
pub(in crate::service) fn metered(source: Incoming, meter: Option<&Meter>) -> Incoming {
    match meter {
        Some(meter) => meter.clone().pass(source),
        None => source,
    }
}

impl Meter {
    /// What is known of `arrival` is reserved already.
    pub(super) const fn new(db: Db, account: Account, arrival: Arrival) -> Self {
        Self {
            db,
            account,
            arrival,
        }
    }

    /// Passes `source` on, and ends it with [`Interrupted::Refused`] before the first byte that
    /// cannot be reserved.
    fn pass(self, source: Incoming) -> Incoming {
        let reserved = self.arrival.size.unwrap_or(0);
        let begun = (self, source, 0_u64, reserved);
        Box::pin(stream::try_unfold(
            begun,
            |(meter, mut source, total, mut reserved)| async move {
                let Some(frame) = source.next().await.transpose()? else {
                    return Ok(None);
                };
                let total = total.saturating_add(frame.len() as u64);
                if total > reserved {
                    let grown = meter.grow(total).await;
                    reserved = grown.map_err(|refusal| Interrupted::Refused(refusal.into()))?;
                }
                Ok(Some((frame, (meter, source, total, reserved))))
            },
        ))
    }

    /// Reserves `total` bytes, which nobody reads.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`]
    pub(in crate::service) async fn reserve(&self, total: u64) -> Result<(), ServiceError> {
        if self.arrival.size.is_none() {
            self.grow(total).await?;
        }
        Ok(())
    }

    /// Reserves at least `total` bytes, and tells how many.
    async fn grow(&self, total: u64) -> Result<u64, ServiceError> {
        let Self {
            db,
            account,
            arrival,
        } = self;
        let mut tx = db.begin().await?;
        let usage = account.look(&mut tx, arrival.image).await?;
        let room = account.room(&usage, *arrival, total)?;
        let reserved = total.saturating_add(ahead(room - total));
        let grown = account.reservation(*arrival, reserved);
        if !tx.grow_reservation(&grown).await? {
            return Err(ServiceError::Gone(arrival.image));
        }
        tx.commit().await?;
        Ok(reserved)
    }
}

/// How many bytes to reserve ahead if `left` could be.
fn ahead(left: u64) -> u64 {
    (left / SHARE / MIB * MIB).min(STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_from_the_quota_bytes_are_reserved_in_large_steps() {
        assert_eq!(ahead(u64::MAX), STEP);
        assert_eq!(ahead(SHARE * STEP), STEP);
    }

    #[test]
    fn near_the_quota_nothing_is_reserved_that_has_not_come() {
        assert_eq!(ahead(SHARE * MIB), MIB);
        assert_eq!(ahead(SHARE * MIB - 1), 0);
        assert_eq!(ahead(0), 0);
    }

    #[test]
    fn what_is_reserved_ahead_always_fits() {
        for left in (0..64).map(|bits| (1_u64 << bits) - 1) {
            assert!(ahead(left) <= left, "{left}");
        }
    }
}
