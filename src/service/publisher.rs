//! Why an image cannot be held against what its publisher says.

use crate::{
    checksums::{ChecksumFileError, Distrust, NoMatch},
    domain::InvalidExpectation,
    openpgp::SignatureError,
};

/// Why an image cannot be held against what its publisher says.
#[derive(Debug, thiserror::Error)]
pub enum PublisherError {
    /// A file cannot be fetched.
    #[error("the {what} cannot be fetched: {why}")]
    Unavailable {
        /// The checksum file or its signature.
        what: &'static str,
        /// Why not, in words for the image's owner.
        why: String,
    },
    /// The checksum file cannot be read.
    #[error("the checksum file cannot be used: {0}")]
    File(#[from] ChecksumFileError),
    /// It does not tell a digest of the image.
    #[error("the checksum file cannot be used: {0}")]
    NoMatch(#[from] NoMatch),
    /// It tells another digest than somebody else.
    #[error("the checksum file and the other expected digests cannot all hold: {0}")]
    Contradiction(#[from] InvalidExpectation),
    /// Its signature is not good.
    #[error("the signature of the checksum file is refused: {0}")]
    Signature(#[from] SignatureError),
    /// It is not signed, and has to be.
    #[error(
        "the checksum file is not signed, and has to be; give the address of its signature as \
         signature_url"
    )]
    Unsigned,
}

impl PublisherError {
    /// The code by which the failure is told from others.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "CHECKSUM_FILE_UNAVAILABLE",
            Self::File(_) => "CHECKSUM_FILE_INVALID",
            Self::NoMatch(NoMatch::Absent(_) | NoMatch::Algorithm { .. }) => "CHECKSUM_NOT_LISTED",
            Self::NoMatch(_) | Self::Contradiction(_) => "CHECKSUM_CONTRADICTION",
            Self::Signature(_) => "CHECKSUM_SIGNATURE_REFUSED",
            Self::Unsigned => "CHECKSUM_SIGNATURE_MISSING",
        }
    }
}

impl From<Distrust> for PublisherError {
    fn from(distrust: Distrust) -> Self {
        match distrust {
            Distrust::File(fault) => Self::File(fault),
            Distrust::Signature(fault) => Self::Signature(fault),
            Distrust::Unsigned => Self::Unsigned,
        }
    }
}
