//! What a registry adds to the files beneath the roots.

use std::{fmt, io::Read};

use async_trait::async_trait;

use super::published::Published;
use crate::{
    domain::{ExpectedDigests, ImageId, StoreId},
    jobs::{document::Sums, failure::Failure},
};

/// Gives the images of a registry, and files on the web, for who submitted a job.
#[async_trait]
pub trait Library: Send + Sync {
    /// The copies of the image in `stores`, or in all stores that hold it; at least one.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the submitter may not read the image, or there is no such copy.
    async fn copies(&self, id: ImageId, stores: &[StoreId]) -> Result<Vec<ImageCopy>, Failure>;

    /// What the checksum file on the web says of the image.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be had, is not believed, or does not tell the image's digests.
    async fn published(&self, sums: &Sums) -> Result<Published, Failure>;
}

/// A copy of an image in a store.
pub struct ImageCopy {
    /// The store.
    pub store: StoreId,
    /// How many bytes it has.
    pub size: u64,
    /// The digests that the registry knows of the image.
    pub known: ExpectedDigests,
    /// Its bytes, to be read where that may block.
    pub bytes: Result<Box<dyn Read + Send>, Failure>,
}

impl fmt::Debug for ImageCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImageCopy")
            .field("store", &self.store)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
