//! The proof that bytes are what they should be.

use std::sync::Arc;

use crate::domain::{Algorithm, Digest, Digests, ExpectedDigests, Mismatch, SignatureCheck};

/// What one complete pass over an image's bytes found.
///
/// Only the data path makes one (`tests/architecture.rs` holds that), from bytes that went
/// through its digests on their way to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// How many bytes there were.
    pub size: u64,
    /// Their digests.
    pub digests: Digests,
}

/// What the bytes of an image must be.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// The algorithm of `os_hash_value`.
    pub algorithm: Algorithm,
    /// The algorithm of the legacy attribute `checksum` (MD5), unless it is switched off.
    pub checksum: Option<Algorithm>,
    /// The number of bytes, where somebody said it beforehand.
    pub size: Option<u64>,
    /// The digests they must have.
    pub digests: ExpectedDigests,
    /// The signature that must be one of them.
    pub signature: Option<Arc<dyn SignatureCheck>>,
    /// Further algorithms whose digests are to be known.
    pub extra: Vec<Algorithm>,
}

impl Expectation {
    /// The algorithms that the pass over the bytes must compute, each once.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let expected = self.digests.iter().map(Digest::algorithm);
        let wanted = [&self.algorithm]
            .into_iter()
            .chain(&self.checksum)
            .chain(expected)
            .chain(
                self.signature
                    .as_ref()
                    .map(|signature| signature.algorithm()),
            )
            .chain(&self.extra);
        let mut algorithms = Vec::new();
        for algorithm in wanted {
            if !algorithms.contains(algorithm) {
                algorithms.push(algorithm.clone());
            }
        }
        algorithms
    }

    /// Holds what was measured against what is expected.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] names the first thing that is not as it must be.
    pub fn verify(&self, measured: &Measured) -> Result<Verified, Mismatch> {
        if let Some(expected) = self.size.filter(|size| *size != measured.size) {
            return Err(Mismatch::Size {
                expected,
                actual: measured.size,
            });
        }
        let digest = |algorithm: &Algorithm| {
            measured
                .digests
                .get(algorithm)
                .cloned()
                .ok_or_else(|| Mismatch::Unmeasured(algorithm.clone()))
        };
        self.digests.verify(&measured.digests)?;
        if let Some(signature) = &self.signature {
            signature.verify(&digest(signature.algorithm())?)?;
        }
        Ok(Verified {
            size: measured.size,
            hash: digest(&self.algorithm)?,
            checksum: self.checksum.as_ref().map(digest).transpose()?,
            digests: measured.digests.clone(),
        })
    }
}

/// Bytes that were read to their end and found to be what they should be.
///
/// Nothing makes one but [`Expectation::verify`], and nothing but one makes an image active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    size: u64,
    hash: Digest,
    checksum: Option<Digest>,
    digests: Digests,
}

impl Verified {
    /// The number of bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The digest of `os_hash_algo` and `os_hash_value`.
    #[must_use]
    pub const fn hash(&self) -> &Digest {
        &self.hash
    }

    /// The digest of `checksum`.
    #[must_use]
    pub const fn checksum(&self) -> Option<&Digest> {
        self.checksum.as_ref()
    }

    /// All digests that were computed of the bytes.
    #[must_use]
    pub const fn digests(&self) -> &Digests {
        &self.digests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn algorithm(name: &str) -> Algorithm {
        name.parse().expect("a name")
    }

    fn measured(size: u64, names: &[&str]) -> Measured {
        let digests = names
            .iter()
            .map(|name| Digest::new(algorithm(name), &[1, 2]));
        Measured {
            size,
            digests: digests.collect(),
        }
    }

    fn expectation(size: Option<u64>) -> Expectation {
        Expectation {
            algorithm: algorithm("sha256"),
            checksum: Some(algorithm("md5")),
            size,
            digests: ExpectedDigests::default(),
            signature: None,
            extra: Vec::new(),
        }
    }

    #[test]
    fn bytes_of_another_size_than_announced_are_not_verified() {
        assert_eq!(
            expectation(Some(3)).verify(&measured(2, &["sha256", "md5"])),
            Err(Mismatch::Size {
                expected: 3,
                actual: 2
            })
        );
    }

    #[test]
    fn bytes_without_the_chosen_digest_are_not_verified() {
        assert_eq!(
            expectation(None).verify(&measured(2, &["md5"])),
            Err(Mismatch::Unmeasured(algorithm("sha256")))
        );
    }

    #[test]
    fn an_algorithm_that_is_needed_twice_is_computed_once() {
        let twice = Expectation {
            algorithm: algorithm("md5"),
            digests: "md5:ab,sha1:cd".parse().expect("digests"),
            extra: vec![algorithm("sha1"), algorithm("sha512")],
            ..expectation(None)
        };
        let names = ["md5", "sha1", "sha512"].map(algorithm);
        assert_eq!(twice.algorithms(), names);
    }

    #[test]
    fn bytes_with_another_digest_than_expected_are_not_verified() {
        let measured = measured(2, &["sha256", "md5"]);
        let expecting = |text: &str| Expectation {
            digests: text.parse().expect("digests"),
            ..expectation(None)
        };
        assert!(expecting("md5:0102,sha256:0102").verify(&measured).is_ok());
        assert!(matches!(
            expecting("sha256:0102,md5:0103").verify(&measured),
            Err(Mismatch::Digest { expected, actual })
                if expected.value() == "0103" && actual.value() == "0102"
        ));
        assert_eq!(
            expecting("sha1:0102").verify(&measured),
            Err(Mismatch::Unmeasured(algorithm("sha1")))
        );
    }
}
