//! Why a notification was not delivered.

use std::{error::Error, path::PathBuf};

/// Why a notification was not delivered, or never could be. No text holds a password.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The address of the broker means nothing here.
    #[error("{0}")]
    Address(&'static str),
    /// A file of certificates or keys cannot be used.
    #[error("the file {} cannot be used", .0.display())]
    TlsFile(PathBuf, #[source] Box<dyn Error + Send + Sync>),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// None of the brokers can be reached; the last one that was tried.
    #[error("the broker at {host} cannot be used")]
    Unreachable {
        /// Host and port.
        host: String,
        /// The cause.
        source: lapin::Error,
    },
    /// The broker did not answer in time.
    #[error("the broker at {host} does not answer")]
    Silent {
        /// Host and port.
        host: String,
    },
    /// The connection broke.
    #[error("the connection to the broker broke")]
    Broken(#[source] lapin::Error),
    /// The broker would not take a message.
    #[error("the broker refused a message for {0}")]
    Refused(String),
}
