//! Why a job did not come to its end.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// What went wrong, in a word that programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The document breaks a rule of the protocol.
    Validation,
    /// Nothing here does what the job asks for.
    UnsupportedOperation,
    /// A checksum is under an algorithm that nothing here computes.
    UnsupportedChecksum,
    /// A checksum is none.
    InvalidChecksum,
    /// This worker is not what the job demands.
    Constraint,
    /// The deadline was over before the job began.
    Deadline,
    /// The image is not beneath an image root.
    PathNotAllowed,
    /// There is no such image.
    ImageNotFound,
    /// The image is no regular file.
    NotAFile,
    /// The image cannot be read.
    ImageUnreadable,
    /// The image changed while it was read.
    ImageChanged,
    /// The submitter may not read the image of the registry.
    ImageNotAllowed,
    /// The checksum file or its signature cannot be had.
    SumsUnavailable,
    /// Nothing in the checksum file can be used.
    SumsInvalid,
    /// The checksum file tells no digest of the image.
    NotListed,
    /// The checksum file contradicts itself or the job.
    Contradiction,
    /// The signature of the checksum file is not good.
    SignatureRefused,
    /// The checksum file is not signed, and has to be.
    SignatureMissing,
    /// The image has another size than the job says.
    SizeMismatch,
    /// The image has another digest than the job says.
    ChecksumMismatch,
    /// The image would endanger whoever opens it, and the job wants that to count.
    ImageUnsafe,
    /// An attempt took too long.
    Timeout,
    /// Somebody cancelled the job.
    Cancelled,
    /// The last worker that ran the job ended without a result.
    WorkerLost,
    /// A fault of the worker itself.
    Internal,
}

impl Code {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validation => "VALIDATION_ERROR",
            Self::UnsupportedOperation => "UNSUPPORTED_OPERATION",
            Self::UnsupportedChecksum => "UNSUPPORTED_CHECKSUM_ALGORITHM",
            Self::InvalidChecksum => "INVALID_CHECKSUM",
            Self::Constraint => "CONSTRAINT_NOT_MET",
            Self::Deadline => "DEADLINE_EXCEEDED",
            Self::PathNotAllowed => "PATH_NOT_ALLOWED",
            Self::ImageNotFound => "IMAGE_NOT_FOUND",
            Self::NotAFile => "IMAGE_NOT_A_FILE",
            Self::ImageUnreadable => "IMAGE_UNREADABLE",
            Self::ImageChanged => "IMAGE_CHANGED",
            Self::ImageNotAllowed => "IMAGE_NOT_ALLOWED",
            Self::SumsUnavailable => "CHECKSUM_FILE_UNAVAILABLE",
            Self::SumsInvalid => "CHECKSUM_FILE_INVALID",
            Self::NotListed => "CHECKSUM_NOT_LISTED",
            Self::Contradiction => "CHECKSUM_CONTRADICTION",
            Self::SignatureRefused => "CHECKSUM_SIGNATURE_REFUSED",
            Self::SignatureMissing => "CHECKSUM_SIGNATURE_MISSING",
            Self::SizeMismatch => "IMAGE_SIZE_MISMATCH",
            Self::ChecksumMismatch => "CHECKSUM_VERIFICATION_FAILED",
            Self::ImageUnsafe => "IMAGE_UNSAFE",
            Self::Timeout => "TIMEOUT",
            Self::Cancelled => "CANCELLED",
            Self::WorkerLost => "WORKER_LOST",
            Self::Internal => "INTERNAL_ERROR",
        }
    }

    /// Whether the document itself was refused: then nothing ran, and a corrected document may
    /// come under the same job id.
    #[must_use]
    pub fn is_refusal(code: &str) -> bool {
        [
            Self::Validation,
            Self::UnsupportedOperation,
            Self::UnsupportedChecksum,
            Self::InvalidChecksum,
        ]
        .iter()
        .any(|refusal| refusal.as_str() == code)
    }

    /// Whether another attempt may end otherwise.
    const fn may_pass(self) -> bool {
        matches!(
            self,
            Self::ImageUnreadable
                | Self::SumsUnavailable
                | Self::ImageChanged
                | Self::Timeout
                | Self::WorkerLost
                | Self::Internal
        )
    }

    /// The phase in which it happens.
    const fn phase(self) -> &'static str {
        match self {
            Self::ImageUnsafe => "inspection",
            Self::Timeout | Self::Cancelled | Self::WorkerLost | Self::Internal => "execution",
            _ => "validation",
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// Why a job did not come to its end, as its result tells it.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What went wrong.
    pub code: Code,
    /// The same for people.
    pub message: String,
    /// When it went wrong.
    pub phase: &'static str,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// Whether another attempt may end otherwise.
    pub recoverable: bool,
    /// Whether another attempt should be made.
    pub retry_recommended: bool,
}

impl Failure {
    /// A failure without details.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            phase: code.phase(),
            details: None,
            recoverable: code.may_pass(),
            retry_recommended: code.may_pass(),
        }
    }

    /// The same with `details`.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }
}
