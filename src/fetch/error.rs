//! Why something is not fetched, in words for the owner of an image.

use std::{error::Error, path::PathBuf, time::Duration};

use crate::stream::Interrupted;

/// What is said of every address that is not reached, whatever the reason.
const UNREACHED: &str = "the address is not allowed or cannot be reached";

/// Why the text of a URI is refused. No message has the query or the credentials of the URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is longer than this many bytes.
    #[error("the URI is longer than {0} bytes")]
    TooLong(usize),
    /// It is no URI that could be fetched.
    #[error("the URI is not of the form scheme://host/path")]
    Malformed,
    /// It has a user name or a password.
    #[error("the URI has a user name or a password")]
    Credentials,
    /// It has a fragment, which nobody would look at.
    #[error("the URI has a fragment")]
    Fragment,
    /// It has no host.
    #[error("the URI has no host")]
    NoHost,
    /// The host is written in a way that can be read as another one.
    #[error("the host must be a name in ASCII letters, or an IP address in its usual form")]
    Host,
    /// The operator does not allow this scheme, or we do not speak it.
    #[error("the scheme {0} is not allowed")]
    Scheme(String),
    /// The operator does not allow this host.
    #[error("the host {0} is not allowed")]
    HostDenied(String),
    /// The operator does not allow this port.
    #[error("the port {0} is not allowed")]
    Port(u16),
    /// The host is an address in a closed network.
    #[error("{UNREACHED}")]
    Closed,
}

/// Why a server's certificate is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// Its time has not begun.
    #[error("it is not valid yet")]
    NotYet,
    /// It is for another host.
    #[error("it is for another host")]
    OtherHost,
    /// Nobody we trust issued it.
    #[error("its issuer is not trusted")]
    UnknownIssuer,
    /// Anything else.
    #[error("it is not valid")]
    Invalid,
}

/// Why a fetch did not start or did not end well.
///
/// No message, and no message of a cause, has an address that was connected to or the query of a
/// URI. [`Forbidden`](Self::Forbidden) and [`Unreachable`](Self::Unreachable) read alike, and
/// nothing is sent to a forbidden address, so neither text nor time tells what is there.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The operator's file of certificates cannot be used.
    #[error("the certificates of {} cannot be used", .0.display())]
    CaFile(PathBuf, #[source] Box<dyn Error + Send + Sync>),
    /// The settings make no client.
    #[error("the client for outgoing requests cannot be set up")]
    Setup(#[source] Box<dyn Error + Send + Sync>),
    /// The filter refuses the URI, or the one that the server redirected to.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The name of the host has no address that we could find.
    #[error("the host name cannot be resolved")]
    UnknownHost,
    /// The host has only closed addresses.
    #[error("{UNREACHED}")]
    Forbidden,
    /// Nobody takes the connection.
    #[error("{UNREACHED}")]
    Unreachable,
    /// The server's certificate is not accepted.
    #[error("the server's certificate is not accepted: {0}")]
    Certificate(CertificateFault),
    /// TLS cannot be spoken with the server.
    #[error("no TLS connection could be made with the server")]
    Tls(#[source] rustls::Error),
    /// The server answered with this status.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// The server redirected, but not to a place.
    #[error("the server redirected without a usable target")]
    Redirect,
    /// There were more redirects than this.
    #[error("the server redirected more than {0} times")]
    TooManyRedirects(u32),
    /// The connection broke, or what came was not HTTP.
    #[error("the connection to the server broke before the end of the data")]
    Broken(#[source] Option<reqwest::Error>),
    /// Nothing came for this long.
    #[error("the server sent nothing for {} seconds", .0.as_secs())]
    Stalled(Duration),
    /// The whole download took longer than this.
    #[error("the download took longer than {} seconds", .0.as_secs())]
    TimedOut(Duration),
    /// There is more than is allowed, in bytes.
    #[error("the data is larger than the limit of {0} bytes")]
    TooLarge(u64),
    /// The server sent more or less than it said, in bytes.
    #[error("the server promised {promised} bytes and sent {sent}")]
    Size {
        /// What it said.
        promised: u64,
        /// What it sent before it ended or we stopped reading.
        sent: u64,
    },
    /// The connection broke, and the server has no longer the same content to go on with.
    #[error(
        "the connection broke and the download cannot be resumed: the content may have changed"
    )]
    Changed,
}

impl FetchError {
    /// Tells whether the same request may go well a little later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::UnknownHost | Self::Unreachable | Self::Broken(_) | Self::Stalled(_) => true,
            Self::Status(status) => *status >= 500 || [408, 429].contains(status),
            Self::CaFile(..)
            | Self::Setup(_)
            | Self::Refused(_)
            | Self::Forbidden
            | Self::Certificate(_)
            | Self::Tls(_)
            | Self::Redirect
            | Self::TooManyRedirects(_)
            | Self::TimedOut(_)
            | Self::TooLarge(_)
            | Self::Size { .. }
            | Self::Changed => false,
        }
    }
}

impl From<FetchError> for Interrupted {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Stalled(patience) => Self::Stalled(patience),
            FetchError::TooLarge(limit) => Self::TooLarge(limit),
            error => Self::Source(Box::new(error)),
        }
    }
}
