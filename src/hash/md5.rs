//! MD5 (RFC 1321).

use md5::Md5;

use super::{implementation::Implementation, rust_crypto::broken};

pub(super) const ALGORITHMS: &[Implementation] = &[broken::<Md5>("md5", "MD5")];
