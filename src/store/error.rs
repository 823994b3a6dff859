//! Why a store did not do what was asked.

use std::io;

use crate::{domain::ImageId, stream::Interrupted};

/// Why a store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data broke off.
    #[error("the data did not come to its end")]
    Interrupted(#[from] Interrupted),
    /// There is no room.
    #[error("the store is full")]
    Full(#[source] io::Error),
    /// The store does not hold the image.
    #[error("the store does not hold image {0}")]
    NotFound(ImageId),
    /// The store holds the image already.
    #[error("the store holds image {0} already")]
    Exists(ImageId),
    /// Something uses the image's bytes, which therefore cannot be removed.
    #[error("the bytes of image {0} are in use")]
    InUse(ImageId),
    /// The store only reads what others have.
    #[error("the store is read-only")]
    ReadOnly,
    /// What others have is not as long any more as when it was verified, in bytes.
    #[error("the bytes of image {image} were {expected}, and are {actual} now")]
    Altered {
        /// The image.
        image: ImageId,
        /// How many there were.
        expected: u64,
        /// How many there are.
        actual: u64,
    },
    /// The store could not be read or written.
    #[error("the store cannot be used")]
    Unavailable(#[source] io::Error),
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full(error),
            _ => Self::Unavailable(error),
        }
    }
}
