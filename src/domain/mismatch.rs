//! How bytes differ from what they should be.

use crate::domain::{Algorithm, Digest, ImageId};

/// The bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// There are more or fewer bytes than were announced.
    #[error("the data has {actual} bytes, but {expected} were announced")]
    Size {
        /// What was announced.
        expected: u64,
        /// What came.
        actual: u64,
    },
    /// A digest is another than the expected one.
    #[error("expected {expected}, but the data has {actual}")]
    Digest {
        /// What was expected.
        expected: Digest,
        /// What the bytes have.
        actual: Digest,
    },
    /// The bytes are not what was signed.
    #[error(
        "Signature verification failed for image {image}: the data are not what img_signature signs"
    )]
    Signature {
        /// The image.
        image: ImageId,
    },
    /// A digest that must be known was not computed.
    #[error("the {0} digest was not computed")]
    Unmeasured(Algorithm),
}
