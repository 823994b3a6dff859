//! What a receipt says: that the bytes of an image were verified, and after which other receipt.

use crate::domain::{DigestSource, Digests, ImageId, StoreId, Timestamp};

/// That a copy of an image was found to have these digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The image.
    pub image: ImageId,
    /// The store whose copy was read or written.
    pub store: StoreId,
    /// On what occasion.
    pub source: DigestSource,
    /// What the bytes were found to have.
    pub digests: Digests,
    /// When.
    pub at: Timestamp,
}

/// The end of a chain of receipts, to which the next is added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChainEnd {
    /// How many receipts there are; the first has the number 1.
    pub count: u64,
    /// SHA-256 of the last envelope, in hexadecimal digits; none before the first.
    pub last: Option<String>,
}
