//! Why a copy is not sound, or cannot be told to be.

use crate::{
    domain::{CopyState, Digests, Mismatch},
    service::ServiceError,
    store::StoreError,
};

/// That a copy is certainly not what it should be.
pub(super) struct Damage {
    pub(super) state: CopyState,
    pub(super) reason: String,
    /// What digests it has instead, if it was read.
    pub(super) actual: Digests,
}

/// Why a copy is not sound.
pub(super) enum Fault {
    /// It is certain, and why.
    Bad(Damage),
    /// It cannot be told now.
    Passing(ServiceError),
}

impl Fault {
    /// The copy has the digests `actual`, and does not hold what is expected.
    pub(super) fn of(mismatch: Mismatch, actual: Digests) -> Self {
        match mismatch {
            Mismatch::Size { .. } | Mismatch::Digest { .. } => Self::Bad(Damage {
                state: CopyState::Damaged,
                reason: mismatch.to_string(),
                actual,
            }),
            Mismatch::Signature { .. } | Mismatch::Unmeasured(_) => Self::Passing(mismatch.into()),
        }
    }
}

impl From<ServiceError> for Fault {
    fn from(error: ServiceError) -> Self {
        Self::Passing(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Self::Bad(Damage {
                state: CopyState::Missing,
                reason: "the store does not hold the image".to_owned(),
                actual: Digests::default(),
            }),
            StoreError::Altered {
                expected, actual, ..
            } => Self::of(Mismatch::Size { expected, actual }, Digests::default()),
            error => Self::Passing(error.into()),
        }
    }
}
