//! What is said of bytes that nobody here has read.

use crate::domain::{Algorithm, Digest};

/// What is said of the bytes at a location that is taken at its word, where the operator has it so
/// (`[verification] trust_locations`).
///
/// It proves nothing. Only the data path makes one (`tests/architecture.rs` holds that), and an image
/// that becomes active by it is marked in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// How many bytes their server says there are.
    pub size: u64,
    /// The algorithm that was chosen with the location.
    pub algorithm: Option<Algorithm>,
    /// The digest of `os_hash_value` that was claimed.
    pub hash: Option<Digest>,
    /// The digest of `checksum` that was claimed.
    pub checksum: Option<Digest>,
}
