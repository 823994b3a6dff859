//! Any hash function of the `RustCrypto` project as one of ours.

use sha2::{
    Digest,
    digest::{OutputSizeUser, typenum::Unsigned as _},
};

use super::{Hasher, implementation::Implementation};
use crate::domain::Strength;

/// The algorithm that `D` computes, which hashlib has as `name`.
pub(super) const fn implementation<D>(name: &'static str, tag: &'static str) -> Implementation
where
    D: Digest + Send + 'static,
{
    Implementation {
        name,
        tag,
        digest_len: <D as OutputSizeUser>::OutputSize::USIZE,
        in_hashlib: true,
        strength: Strength::Secure,
        begin: || Box::new(RustCrypto(D::new())),
        divided: None,
    }
}

/// As [`implementation`], of an algorithm for which collisions can be made.
pub(super) const fn broken<D>(name: &'static str, tag: &'static str) -> Implementation
where
    D: Digest + Send + 'static,
{
    Implementation {
        strength: Strength::Broken,
        ..implementation::<D>(name, tag)
    }
}

struct RustCrypto<D>(D);

impl<D: Digest + Send> Hasher for RustCrypto<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Box<[u8]> {
        self.0.finalize().as_slice().into()
    }
}
