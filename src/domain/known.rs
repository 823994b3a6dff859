//! What there is to know of a hash algorithm besides how it is computed.

use crate::domain::Algorithm;

/// One implemented hash algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAlgorithm {
    /// Its name.
    pub algorithm: Algorithm,
    /// The word that stands for it in checksum lines of the BSD kind.
    pub tag: &'static str,
    /// Length of its digests in bytes.
    pub digest_len: usize,
    /// What its digests prove.
    pub strength: Strength,
}

/// What a digest proves of bytes that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// Nobody knows how to make other bytes that have it.
    Secure,
    /// Two different contents with the same digest can be made: it shows an accident, but no
    /// intent.
    Broken,
}
