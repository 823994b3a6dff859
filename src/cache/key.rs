//! What a file of the cache is named by.

use std::{fmt, sync::Arc};

use crate::domain::{Digest, ImageId};

/// The most bytes of a name: an algorithm, a digest and an id.
const LONGEST: usize = 240;

/// What a file of the cache is named by: the digest of its bytes, so that images with the same
/// bytes share it.
///
/// - Safe as a file name: lower-case letters, digits, `_` and `-`, 1 to 240 of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<str>);

impl Key {
    /// The key of all images whose bytes have `digest`. None if the algorithm has a name that no
    /// file can have.
    #[must_use]
    pub fn shared(digest: &Digest) -> Option<Self> {
        Self::from_name(&format!("{}-{}", digest.algorithm(), digest.value()))
    }

    /// The key of `image` alone, whose bytes have `digest`: for an algorithm by which other bytes
    /// with the same digest can be made. None as for [`Key::shared`].
    #[must_use]
    pub fn of(image: ImageId, digest: &Digest) -> Option<Self> {
        let name = format!("{}-{}-{image}", digest.algorithm(), digest.value());
        Self::from_name(&name.to_ascii_lowercase())
    }

    /// The key that a file is named by.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let is_plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
        };
        let well_formed = (1..=LONGEST).contains(&name.len()) && name.bytes().all(is_plain);
        well_formed.then(|| Self(name.into()))
    }

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(algorithm: &str) -> Digest {
        Digest::new(algorithm.parse().expect("a name"), &[1, 0xab])
    }

    #[test]
    fn images_with_the_same_bytes_share_a_file_only_by_a_digest_that_proves_it() {
        let id = "0f0f0f0f-0000-4000-8000-00000000000A";
        let shared = Key::shared(&digest("sha256")).expect("a key");
        assert_eq!(shared.name(), "sha256-01ab");
        let own = Key::of(id.parse().expect("an id"), &digest("md5")).expect("a key");
        assert_eq!(own.name(), "md5-01ab-0f0f0f0f-0000-4000-8000-00000000000a");
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_no_key() {
        for name in ["", ".", "..", "a/b", "../a", "A", "a.b", &"a".repeat(241)] {
            assert_eq!(Key::from_name(name), None, "{name}");
        }
        assert_eq!(Key::shared(&digest("../sha256")), None);
    }
}
