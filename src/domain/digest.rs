//! Digests and the names of their algorithms.

use std::{fmt, str::FromStr, sync::Arc};

/// A text that is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDigest {
    /// The algorithm's name is empty or longer than 64 characters.
    #[error("{0:?} is not the name of a hash algorithm")]
    Algorithm(String),
    /// The value is no even number of hexadecimal digits, or more than 128 of them.
    #[error("{0:?} is not a digest in hexadecimal digits")]
    Value(String),
}

/// The name of a hash algorithm, as `os_hash_algo` carries it.
///
/// - One to 64 characters.
/// - Not necessarily implemented here: rows of an older registry keep the names they have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Algorithm(Arc<str>);

impl Algorithm {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Algorithm {
    type Err = InvalidDigest;

    fn from_str(name: &str) -> Result<Self, InvalidDigest> {
        if (1..=64).contains(&name.chars().count()) {
            Ok(Self(name.into()))
        } else {
            Err(InvalidDigest::Algorithm(name.chars().take(64).collect()))
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The digest of some bytes under one algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    value: Box<str>,
}

impl Digest {
    /// The digest whose raw value is `bytes`.
    #[must_use]
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Self {
        Self {
            algorithm,
            value: hex::encode(bytes).into(),
        }
    }

    /// The digest that `value` spells in hexadecimal digits of either case.
    ///
    /// # Errors
    ///
    /// [`InvalidDigest::Value`] if it spells none.
    pub fn from_hex(algorithm: Algorithm, value: &str) -> Result<Self, InvalidDigest> {
        let well_formed = (2..=128).contains(&value.len())
            && value.len().is_multiple_of(2)
            && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        if well_formed {
            Ok(Self {
                algorithm,
                value: value.to_ascii_lowercase().into(),
            })
        } else {
            Err(InvalidDigest::Value(value.chars().take(128).collect()))
        }
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }

    /// The value in lower-case hexadecimal digits.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.value)
    }
}

/// The digests that one pass over some bytes gave, one per algorithm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests(Vec<Digest>);

impl Digests {
    /// The digest under `algorithm`, if it was computed.
    #[must_use]
    pub fn get(&self, algorithm: &Algorithm) -> Option<&Digest> {
        self.0.iter().find(|digest| digest.algorithm() == algorithm)
    }

    /// All of them, in the order they were asked for.
    pub fn iter(&self) -> impl Iterator<Item = &Digest> {
        self.0.iter()
    }
}

impl FromIterator<Digest> for Digests {
    fn from_iter<T: IntoIterator<Item = Digest>>(digests: T) -> Self {
        Self(digests.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha256() -> Algorithm {
        "sha256".parse().expect("a name")
    }

    #[test]
    fn a_digest_is_kept_in_lower_case() {
        let digest = Digest::from_hex(sha256(), "ABcd").expect("hex");
        assert_eq!(digest.value(), "abcd");
        assert_eq!(digest.to_string(), "sha256:abcd");
    }

    #[test]
    fn what_is_not_hexadecimal_is_no_digest() {
        for value in ["", "a", "zz", "ab cd", &"a".repeat(130)] {
            assert!(Digest::from_hex(sha256(), value).is_err(), "{value}");
        }
    }
}
