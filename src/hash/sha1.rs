//! SHA-1 (FIPS 180-4).

use sha1::Sha1;

use super::{implementation::Implementation, rust_crypto::broken};

pub(super) const ALGORITHMS: &[Implementation] = &[broken::<Sha1>("sha1", "SHA1")];
