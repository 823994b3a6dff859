//! The SHA-2 family (FIPS 180-4).

use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::{implementation::Implementation, rust_crypto::implementation};

pub(super) const ALGORITHMS: &[Implementation] = &[
    implementation::<Sha224>("sha224", "SHA224"),
    implementation::<Sha256>("sha256", "SHA256"),
    implementation::<Sha384>("sha384", "SHA384"),
    implementation::<Sha512>("sha512", "SHA512"),
];
