//! The BLAKE2 family at its full lengths (RFC 7693).

use blake2::{Blake2b512, Blake2s256};

use super::{implementation::Implementation, rust_crypto::implementation};

pub(super) const ALGORITHMS: &[Implementation] = &[
    implementation::<Blake2b512>("blake2b", "BLAKE2b"),
    implementation::<Blake2s256>("blake2s", "BLAKE2s"),
];
