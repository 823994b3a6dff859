//! Why bytes of others were not read, and whether another attempt may go well.

use crate::{fetch::FetchError, service::ServiceError, store::StoreError, stream::Interrupted};

/// Why bytes of others were not read, or cannot be the image's.
pub(super) enum Unread {
    /// Another attempt may go well.
    Passing(ServiceError),
    /// It would not.
    Final(ServiceError),
}

impl From<ServiceError> for Unread {
    fn from(error: ServiceError) -> Self {
        Self::Final(error)
    }
}

impl From<Interrupted> for Unread {
    fn from(interrupted: Interrupted) -> Self {
        let may_pass = match &interrupted {
            Interrupted::Stalled(_) => true,
            Interrupted::Source(cause) => cause
                .downcast_ref::<FetchError>()
                .is_some_and(FetchError::may_pass),
            Interrupted::BrokenOff(_) | Interrupted::TooLarge(_) | Interrupted::Refused(_) => false,
        };
        let error = StoreError::from(interrupted).into();
        if may_pass {
            Self::Passing(error)
        } else {
            Self::Final(error)
        }
    }
}
