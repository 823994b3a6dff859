//! The hash algorithms there are, and their digests computed while bytes move.
//!
//! [`Hashers`] knows the algorithms; [`Hashers::start`] begins digests of some bytes, which
//! [`Running`] takes from a stream on its way elsewhere or from a blocking reader;
//! [`Hashers::read_file`] reads a whole file.
//!
//! To add an algorithm: one file here, one line in [`Hashers::builtin`]; nothing else names an
//! algorithm.

mod blake2;
mod blake3;
mod fanout;
mod file;
mod implementation;
mod md5;
mod open_ssl;
mod rust_crypto;
mod sha1;
mod sha2;
mod sha3;
#[cfg(test)]
mod tests;

use std::io;

use self::{fanout::Threads, implementation::Implementation};
pub use self::{
    fanout::{Pending, Running, Tapped},
    file::Effort,
};
use crate::domain::{Algorithm, KnownAlgorithm};

/// One running computation of one digest.
///
/// Feeding the same bytes in different slices gives the same digest.
pub trait Hasher: Send {
    /// Takes in the next bytes of the content.
    fn update(&mut self, bytes: &[u8]);

    /// Ends the computation and gives the digest's bytes.
    fn finish(self: Box<Self>) -> Box<[u8]>;
}

/// Why there is no digest.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// No algorithm has this name.
    #[error("{name:?} is not an implemented hash algorithm; implemented: {implemented}")]
    Unknown {
        /// The name.
        name: String,
        /// The names that exist, separated by a comma and a blank.
        implemented: String,
    },
    /// The algorithm's digests have no length of their own, so that no client can check them.
    #[error("{name:?} has no digest of a fixed length; implemented: {implemented}")]
    VariableLength {
        /// The name.
        name: String,
        /// The names that exist, separated by a comma and a blank.
        implemented: String,
    },
    /// The system gave no thread to compute on.
    #[error("no thread could be started to hash on")]
    NoThread(#[source] io::Error),
    /// The bytes were not read to their end, so that a digest would be one of something else.
    #[error("the data was not read to its end")]
    Incomplete,
    /// The bytes to hash cannot be read.
    #[error("the data cannot be read")]
    Unreadable(#[source] io::Error),
    /// A hash thread ended without a digest.
    #[error("the computation of a digest died")]
    Died,
}

/// The hash algorithms that are implemented, under the names that Python's hashlib gives them.
///
/// One value serves the whole process: it also counts the hash threads, see [`Hashers::start`].
#[derive(Debug)]
pub struct Hashers {
    implementations: Box<[Implementation]>,
    threads: Threads,
}

impl Hashers {
    /// All algorithms this program has.
    #[must_use]
    pub fn builtin() -> Self {
        let families = [
            md5::ALGORITHMS,
            sha1::ALGORITHMS,
            sha2::ALGORITHMS,
            sha3::ALGORITHMS,
            blake2::ALGORITHMS,
            blake3::ALGORITHMS,
        ];
        Self {
            implementations: families.concat().into(),
            threads: Threads::for_this_machine(),
        }
    }

    /// The algorithms' names, each exactly as `os_hash_algo` carries it.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.implementations.iter().map(|known| known.name)
    }

    /// What there is to know of each algorithm; of those that have digests of the same length, the
    /// most usual one first.
    #[must_use]
    pub fn known(&self) -> Vec<KnownAlgorithm> {
        let known = self.implementations.iter().filter_map(|known| {
            Some(KnownAlgorithm {
                algorithm: known.name.parse().ok()?,
                tag: known.tag,
                digest_len: known.digest_len,
                strength: known.strength,
            })
        });
        known.collect()
    }

    /// Whether `algorithm` is implemented; the name must be exact.
    #[must_use]
    pub fn supports(&self, algorithm: &Algorithm) -> bool {
        self.find(algorithm).is_some()
    }

    /// Length in bytes of the digests of `algorithm`, if it is implemented.
    #[must_use]
    pub fn digest_len(&self, algorithm: &Algorithm) -> Option<usize> {
        self.find(algorithm).map(|known| known.digest_len)
    }

    /// The word that stands for `algorithm` in checksum lines of the BSD kind (`SHA256 (name) =
    /// …`), if it is implemented.
    #[must_use]
    pub fn tag(&self, algorithm: &Algorithm) -> Option<&'static str> {
        self.find(algorithm).map(|known| known.tag)
    }

    /// Whether every stock Python client can check digests of `algorithm`.
    ///
    /// Clients call `hashlib.new(name)`; those that meet a name it has not got check md5 instead
    /// or refuse to download.
    #[must_use]
    pub fn known_to_hashlib(&self, algorithm: &Algorithm) -> bool {
        self.find(algorithm).is_some_and(|known| known.in_hashlib)
    }

    /// Begins one digest.
    ///
    /// # Errors
    ///
    /// [`HashError::Unknown`] if `algorithm` is not implemented.
    pub fn hasher(&self, algorithm: &Algorithm) -> Result<Box<dyn Hasher>, HashError> {
        let known = self
            .find(algorithm)
            .ok_or_else(|| self.unknown(algorithm.as_str()))?;
        Ok((known.begin)())
    }

    /// The algorithm that a person means by `spelling`: `SHA-256` is `sha256`, `sha3-256` is
    /// `sha3_256`.
    ///
    /// Letters may have either case, a hyphen may stand for the underscore, and one of both may
    /// follow the leading letters. This is for configuration and the command line; the API takes
    /// exact names only.
    ///
    /// # Errors
    ///
    /// [`HashError::VariableLength`] for the names of the SHAKE family, [`HashError::Unknown`] for
    /// whatever else is not implemented.
    pub fn resolve(&self, spelling: &str) -> Result<Algorithm, HashError> {
        let word = spelling.trim().to_ascii_lowercase().replace('-', "_");
        let meant = |name: &&str| {
            let (letters, rest) = name.split_at(leading_letters(name));
            word == **name || word == format!("{letters}_{rest}")
        };
        match self.names().find(meant).map(str::parse) {
            Some(Ok(algorithm)) => Ok(algorithm),
            _ if word.starts_with("shake") => Err(HashError::VariableLength {
                name: spelling.to_owned(),
                implemented: self.implemented(),
            }),
            _ => Err(self.unknown(spelling)),
        }
    }

    fn find(&self, algorithm: &Algorithm) -> Option<&Implementation> {
        self.implementations
            .iter()
            .find(|known| known.name == algorithm.as_str())
    }

    fn unknown(&self, name: &str) -> HashError {
        HashError::Unknown {
            name: name.to_owned(),
            implemented: self.implemented(),
        }
    }

    fn implemented(&self) -> String {
        self.names().collect::<Vec<_>>().join(", ")
    }
}

fn leading_letters(name: &str) -> usize {
    name.find(|letter: char| !letter.is_ascii_alphabetic())
        .unwrap_or(name.len())
}
