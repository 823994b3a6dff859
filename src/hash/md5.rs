//! MD5 (RFC 1321).

use md5::Md5;

use super::{implementation::Implementation, rust_crypto::implementation};

pub(super) const ALGORITHMS: &[Implementation] = &[implementation::<Md5>("md5", "MD5")];
