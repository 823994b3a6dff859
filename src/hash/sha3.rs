//! The SHA-3 family (FIPS 202).

use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

use super::{implementation::Implementation, rust_crypto::implementation};

pub(super) const ALGORITHMS: &[Implementation] = &[
    implementation::<Sha3_224>("sha3_224", "SHA3-224"),
    implementation::<Sha3_256>("sha3_256", "SHA3-256"),
    implementation::<Sha3_384>("sha3_384", "SHA3-384"),
    implementation::<Sha3_512>("sha3_512", "SHA3-512"),
];
