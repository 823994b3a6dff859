//! Bytes that others keep, and that are only read.

use async_trait::async_trait;

use crate::{
    domain::ImageId,
    store::StoreError,
    stream::{Incoming, Outgoing},
};

/// Why an address cannot be that of an image's bytes, in words for who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(pub String);

/// Bytes of an image that others keep, as they were when they were verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered<'a> {
    /// The image.
    pub image: ImageId,
    /// Their address.
    pub url: &'a str,
    /// How many there are.
    pub size: u64,
}

/// What was found at an address.
pub struct Found {
    /// How many bytes there are, if it is told. The bytes end well only after so many.
    pub size: Option<u64>,
    /// The bytes.
    pub bytes: Incoming,
}

/// Places of others at which there are bytes of images. Nothing there is ever changed or removed,
/// and nothing that is there can be relied upon: it may change at any time.
#[async_trait]
pub trait External: Send + Sync {
    /// How the addresses begin, up to the colon.
    fn schemes(&self) -> &'static [&'static str];

    /// Passes an address through every rule that needs no request.
    ///
    /// # Errors
    ///
    /// The rule that refuses it.
    fn check(&self, url: &str) -> Result<(), InvalidAddress>;

    /// How many bytes there are at `url` now, if it is told. None of them are read.
    ///
    /// # Errors
    ///
    /// As [`External::fetch`].
    async fn size(&self, url: &str) -> Result<Option<u64>, StoreError>;

    /// What is at `url` now, of at most `max` bytes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Interrupted`] says why it cannot be had, in words for the image's owner.
    async fn fetch(&self, url: &str, max: u64) -> Result<Found, StoreError>;

    /// The bytes after the first `taken`, if there still are as many in all. Where their number is
    /// told by their end only, one more may come, and never a second one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Altered`] if there are more or fewer, [`StoreError::NotFound`] if there are
    /// none, [`StoreError::Unavailable`] if that cannot be told.
    async fn open(&self, bytes: Registered<'_>, taken: u64) -> Result<Outgoing, StoreError>;
}
