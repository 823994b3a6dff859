//! What can go wrong with a service of the cloud.

use std::{error::Error, fmt, path::PathBuf, time::Duration};

/// Why a service gave no answer that can be used. Nothing of a token or an answer is in it.
#[derive(Debug)]
pub struct CloudError {
    /// The name of the service.
    pub service: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.service, self.fault)
    }
}

impl Error for CloudError {
    /// What is behind the fault, whose own text is in this one's.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.fault.source()
    }
}

/// What is wrong with a service; each text goes on from its name.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No connection came about, or it broke.
    #[error("cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The answer did not come in time.
    #[error("did not answer within {0:?}")]
    TimedOut(Duration),
    /// The service sends the registry elsewhere, with this status; it does not go.
    #[error("answered with a redirect (status {0}), which is not followed")]
    Redirected(u16),
    /// The service answered with a status that is no answer to the question.
    #[error("answered with status {0}")]
    Status(u16),
    /// The answer has more bytes than this.
    #[error("answered with more than {0} bytes")]
    TooLarge(usize),
    /// The answer is not what it should be.
    #[error("answered with something that is not {0}")]
    Malformed(&'static str),
    /// A file of certificates or keys cannot be used.
    #[error("cannot be asked: {} cannot be used for TLS", .0.display())]
    TlsFile(PathBuf, #[source] Box<dyn Error + Send + Sync>),
    /// Requests cannot be set up at all.
    #[error("cannot be asked")]
    Setup(#[source] Box<dyn Error + Send + Sync>),
}

impl Fault {
    /// The fault as one of `service`.
    #[must_use]
    pub const fn of(self, service: &'static str) -> CloudError {
        CloudError {
            service,
            fault: self,
        }
    }
}
