//! Digests that somebody says some bytes have.

use std::{fmt, str::FromStr};

use crate::domain::{
    Algorithm, Digest, Digests, InvalidDigest, Mismatch,
    diagnosis::{spelled_otherwise, usual_algorithm},
};

/// How many digits a value without the name of its algorithm has: those of SHA-256.
const BARE_DIGITS: usize = 64;

/// How many digests may be expected of the same bytes.
const MAX: usize = 16;

/// A text or a set of digests that nothing can be held against.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidExpectation {
    /// There is nothing where a digest should stand.
    #[error("an expected digest is empty; allowed: \"<algorithm>:<hexadecimal digits>\"")]
    Empty,
    /// A value does not name its algorithm, and cannot be one of SHA-256.
    #[error(
        "{0:?} does not say its algorithm; allowed: \"<algorithm>:<hexadecimal digits>\", or 64 \
         hexadecimal digits, which mean sha256"
    )]
    Bare(String),
    /// A value does not name its algorithm, and is as long as those of another than SHA-256.
    #[error(
        "{value:?} does not say its algorithm, and has as many digits as a {algorithm} digest: \
         write \"{algorithm}:{value}\" if it is one"
    )]
    Unnamed {
        /// The value.
        value: String,
        /// The algorithm that it may be of.
        algorithm: &'static str,
    },
    /// A value is in another spelling.
    #[error("{value:?} is not in hexadecimal digits: {how}; write \"{meant}\"")]
    Spelling {
        /// The value.
        value: String,
        /// How it is written.
        how: &'static str,
        /// What it means.
        meant: String,
    },
    /// A value or an algorithm's name is none.
    #[error(transparent)]
    Digest(#[from] InvalidDigest),
    /// Two different values are expected of one algorithm.
    #[error("two different {0} digests are expected of the same data")]
    Contradiction(Algorithm),
    /// More digests than anybody needs.
    #[error("at most {MAX} digests can be expected of the same data")]
    TooMany,
}

/// Digests that some bytes must have, all of them.
///
/// - One value an algorithm.
/// - As text `alg:hex`, separated by commas, in lower case.
/// - Whether an algorithm is implemented, and how long its values are, is not known here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedDigests(Vec<Digest>);

impl ExpectedDigests {
    /// Expects `digest` too.
    ///
    /// # Errors
    ///
    /// [`InvalidExpectation::Contradiction`] if another value is expected already.
    pub fn add(&mut self, digest: Digest) -> Result<(), InvalidExpectation> {
        let known = self
            .0
            .iter()
            .find(|known| known.algorithm() == digest.algorithm());
        match known {
            Some(known) if *known == digest => Ok(()),
            Some(_) => Err(InvalidExpectation::Contradiction(
                digest.algorithm().clone(),
            )),
            None if self.0.len() == MAX => Err(InvalidExpectation::TooMany),
            None => {
                self.0.push(digest);
                Ok(())
            }
        }
    }

    /// Expects what `other` does too.
    ///
    /// # Errors
    ///
    /// As [`ExpectedDigests::add`].
    pub fn merge(&mut self, other: Self) -> Result<(), InvalidExpectation> {
        other.0.into_iter().try_for_each(|digest| self.add(digest))
    }

    /// Holds the digests that were computed of some bytes against those that are expected.
    ///
    /// # Errors
    ///
    /// [`Mismatch::Digest`] for the first that differs, [`Mismatch::Unmeasured`] for the first
    /// that was not computed.
    pub fn verify(&self, computed: &Digests) -> Result<(), Mismatch> {
        for expected in &self.0 {
            let algorithm = expected.algorithm();
            let Some(actual) = computed.get(algorithm) else {
                return Err(Mismatch::Unmeasured(algorithm.clone()));
            };
            if actual != expected {
                return Err(Mismatch::Digest {
                    expected: expected.clone(),
                    actual: actual.clone(),
                });
            }
        }
        Ok(())
    }

    /// Whether nothing is expected.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = &Digest> {
        self.0.iter()
    }
}

impl FromStr for ExpectedDigests {
    type Err = InvalidExpectation;

    fn from_str(text: &str) -> Result<Self, InvalidExpectation> {
        let mut expected = Self::default();
        for part in text.split(',') {
            expected.add(digest(part.trim())?)?;
        }
        Ok(expected)
    }
}

/// Reads `alg:hex`, or the digits of a SHA-256 digest alone. Letters may have either case.
fn digest(text: &str) -> Result<Digest, InvalidExpectation> {
    if text.is_empty() {
        return Err(InvalidExpectation::Empty);
    }
    let (algorithm, value) = match text.split_once(':') {
        Some((_, "") | ("", _)) => return Err(InvalidExpectation::Empty),
        Some((algorithm, value)) => (algorithm.trim().to_ascii_lowercase(), value.trim()),
        None if text.len() == BARE_DIGITS && usual_algorithm(text).is_some() => {
            ("sha256".to_owned(), text)
        }
        None => return Err(unnamed(text)),
    };
    let algorithm: Algorithm = algorithm.parse()?;
    match (
        Digest::from_hex(algorithm.clone(), value),
        spelled_otherwise(value),
    ) {
        (Err(_), Some((how, digits))) => Err(InvalidExpectation::Spelling {
            value: value.to_owned(),
            how,
            meant: format!("{algorithm}:{digits}"),
        }),
        (digest, _) => Ok(digest?),
    }
}

/// Why a value without the name of an algorithm is none.
fn unnamed(value: &str) -> InvalidExpectation {
    if let Some(algorithm) = usual_algorithm(value) {
        let value = value.to_ascii_lowercase();
        return InvalidExpectation::Unnamed { value, algorithm };
    }
    if let Some((how, digits)) = spelled_otherwise(value)
        && let Some(algorithm) = usual_algorithm(&digits)
    {
        return InvalidExpectation::Spelling {
            value: value.to_owned(),
            how,
            meant: format!("{algorithm}:{digits}"),
        };
    }
    InvalidExpectation::Bare(value.chars().take(128).collect())
}

impl fmt::Display for ExpectedDigests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, digest) in self.0.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            write!(f, "{comma}{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, InvalidExpectation> {
        text.parse::<ExpectedDigests>()
            .map(|expected| expected.to_string())
    }

    #[test]
    fn several_digests_stand_side_by_side() {
        assert_eq!(
            read(" SHA256:AB , md5:cd,md5:CD").as_deref(),
            Ok("sha256:ab,md5:cd")
        );
    }

    #[test]
    fn sixty_four_digits_alone_are_a_sha256_digest() {
        let digits = "a".repeat(64);
        assert_eq!(read(&digits), Ok(format!("sha256:{digits}")));
        for text in [&digits[1..], &"a".repeat(128), &"g".repeat(64)] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_digest_that_is_not_there_is_an_error() {
        for text in ["", " ", ",", "md5:ab,", "md5:", ":ab", "sha256: "] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn expectations_do_not_contradict_each_other() {
        assert!(matches!(
            read("md5:ab,md5:cd"),
            Err(InvalidExpectation::Contradiction(_))
        ));
        let mut one: ExpectedDigests = "md5:ab".parse().expect("one");
        assert!(one.merge("sha1:ab,md5:cd".parse().expect("two")).is_err());
    }

    #[test]
    fn the_number_of_expectations_is_bounded() {
        let many: Vec<_> = (0..17).map(|n| format!("a{n}:ab")).collect();
        assert!(read(&many[..16].join(",")).is_ok());
        assert_eq!(read(&many.join(",")), Err(InvalidExpectation::TooMany));
    }
}
