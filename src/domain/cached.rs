//! What a node's image cache is known to hold.

use crate::domain::{ImageId, Timestamp};

/// An image in the cache of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedImage {
    /// The image.
    pub image: ImageId,
    /// The file that has its bytes.
    pub file: String,
    /// How often it was given out of the cache.
    pub hits: u64,
    /// When it was put into the cache.
    pub cached_at: Timestamp,
    /// When it was used last.
    pub used_at: Timestamp,
    /// What the image is; none if it is deleted.
    pub about: Option<CachedBytes>,
}

/// The bytes of an image that a cache holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedBytes {
    /// How many there are.
    pub size: u64,
    /// Their MD5 digest, if it is known.
    pub checksum: Option<String>,
}
