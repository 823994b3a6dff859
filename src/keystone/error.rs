//! What can go wrong with Keystone.

use std::{error::Error, time::Duration};

use http::StatusCode;

use crate::cloud::{CloudError, Fault};

/// The name of the service in errors.
pub(super) const SERVICE: &str = "Keystone";

/// Why Keystone gave no answer that can be used. Nothing of a token or an answer is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeystoneError {
    /// Keystone does not know the token, or it has expired. The only variant that blames the
    /// client.
    #[error("the token is not valid")]
    InvalidToken,
    /// The registry's own login is refused, with this status.
    #[error("Keystone refuses the login of the registry itself (status {0})")]
    LoginRefused(u16),
    /// A login failed less than a second ago.
    #[error("the last login at Keystone failed a moment ago")]
    LoginFailedLately,
    /// A token of the registry's own that it has just been given is refused.
    #[error("Keystone refuses the registry's own token right after the login")]
    OwnTokenRefused,
    /// The catalog of the registry's own token does not say where Keystone is.
    #[error(
        "the catalog of the registry's own token has no identity endpoint with the interface \
         {interfaces} in {region}"
    )]
    NoEndpoint {
        /// The interfaces that were looked for.
        interfaces: String,
        /// Where they were looked for.
        region: String,
    },
    /// Not exactly one of these is what `[oslo_limit]` describes.
    #[error("[oslo_limit] describes {found} of Keystone's {what}, and has to describe one")]
    NotOne {
        /// What was looked for.
        what: &'static str,
        /// How many there are.
        found: usize,
    },
    /// It gave no answer that can be used.
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

impl KeystoneError {
    /// Requests cannot be set up because of `cause`.
    #[must_use]
    pub fn setup(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Fault::Setup(cause.into()).of(SERVICE).into()
    }

    /// The answer is not `what` it should be.
    pub(super) fn malformed(what: &'static str) -> Self {
        Fault::Malformed(what).of(SERVICE).into()
    }

    /// The answer is this status, which is none to the question.
    pub(super) fn status(status: StatusCode) -> Self {
        Fault::Status(status.as_u16()).of(SERVICE).into()
    }

    /// There is no answer after this time.
    pub(super) fn timed_out(after: Duration) -> Self {
        Fault::TimedOut(after).of(SERVICE).into()
    }
}
