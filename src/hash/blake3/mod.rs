//! BLAKE3 with its default length of 32 bytes, which hashlib lacks.

mod tree;

use super::{Hasher, implementation::Implementation};
use crate::domain::Strength;

pub(super) const ALGORITHMS: &[Implementation] = &[Implementation {
    name: "blake3",
    tag: "BLAKE3",
    digest_len: blake3::OUT_LEN,
    in_hashlib: false,
    strength: Strength::Secure,
    begin: || Box::new(Blake3(blake3::Hasher::new())),
    divided: Some(tree::digest),
}];

struct Blake3(blake3::Hasher);

impl Hasher for Blake3 {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Box<[u8]> {
        self.0.finalize().as_bytes().as_slice().into()
    }
}
