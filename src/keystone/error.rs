//! What can go wrong with Keystone.

use std::{error::Error, path::PathBuf, time::Duration};

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
    /// No connection came about, or it broke.
    #[error("Keystone cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The answer did not come in time.
    #[error("Keystone did not answer within {0:?}")]
    TimedOut(Duration),
    /// Keystone sends the registry elsewhere, with this status; it does not go.
    #[error("Keystone answered with a redirect (status {0}), which is not followed")]
    Redirected(u16),
    /// Keystone answered with a status that is no answer to the question.
    #[error("Keystone answered with status {0}")]
    Status(u16),
    /// The answer has more bytes than this.
    #[error("Keystone's answer has more than {0} bytes")]
    TooLarge(usize),
    /// The answer is not what it should be.
    #[error("Keystone's answer is not {0}")]
    Malformed(&'static str),
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
    /// A file of certificates or keys cannot be used.
    #[error("{} cannot be used for TLS", .0.display())]
    TlsFile(PathBuf, #[source] Box<dyn Error + Send + Sync>),
    /// Requests cannot be set up at all.
    #[error("requests to Keystone cannot be set up")]
    Setup(#[source] Box<dyn Error + Send + Sync>),
}
