//! What the registry knows of one algorithm.

use std::{fs::File, io};

use super::Hasher;
use crate::domain::Strength;

/// Is told, from any thread, how many more bytes of a file have been read.
pub(super) type Seen<'a> = &'a (dyn Fn(u64) + Sync);

/// Computes the digest of a file's first bytes, so many of them, on all processors.
pub(super) type Divided = fn(&File, u64, Seen<'_>) -> io::Result<Box<[u8]>>;

/// One implemented algorithm.
#[derive(Debug, Clone, Copy)]
pub(super) struct Implementation {
    /// hashlib's name of it, or the name hashlib would give it.
    pub(super) name: &'static str,
    /// Its name in checksum lines of the BSD kind, as coreutils and its kin write it.
    pub(super) tag: &'static str,
    /// Length of its digests in bytes; at most 64, which is what `os_hash_value` holds.
    pub(super) digest_len: usize,
    /// Whether hashlib guarantees it on every platform.
    pub(super) in_hashlib: bool,
    /// What its digests prove.
    pub(super) strength: Strength,
    /// Begins a digest.
    pub(super) begin: fn() -> Box<dyn Hasher>,
    /// Gives the digest of a file's first bytes by the work of all processors, if its algorithm
    /// can be divided.
    pub(super) divided: Option<Divided>,
}
