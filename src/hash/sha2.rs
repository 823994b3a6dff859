//! The SHA-2 family (FIPS 180-4): those with words of 64 bits by OpenSSL.

use sha2::{Sha224, Sha256};

use super::{implementation::Implementation, open_ssl, rust_crypto::implementation};

pub(super) const ALGORITHMS: &[Implementation] = &[
    implementation::<Sha224>("sha224", "SHA224"),
    implementation::<Sha256>("sha256", "SHA256"),
    open_ssl::SHA384,
    open_ssl::SHA512,
];
