//! Changes to where an image's bytes are.

use crate::domain::ExpectedDigests;

/// A place that is to be registered as one of an image's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLocation {
    /// The address; it may hold a signature, so it is never logged.
    pub url: String,
    /// What is said of it: a JSON object, as text.
    pub metadata: String,
    /// What the bytes are said to have.
    pub claim: Option<Claimed>,
    /// Digests that they must have besides.
    pub expected: ExpectedDigests,
}

/// What somebody says an image's digests are (`validation_data`), not yet looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// `os_hash_algo`
    pub algorithm: String,
    /// `os_hash_value`
    pub value: String,
    /// `checksum`
    pub checksum: Option<String>,
}

/// One operation of a patch on the locations of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationChange {
    /// Registers a place.
    Add {
        /// Where in the list: a number, or `-` for its end.
        at: String,
        /// The place.
        location: NewLocation,
    },
    /// Sets the whole list.
    Replace(Vec<NewLocation>),
    /// Takes a place off the list.
    Remove {
        /// Which: a number, or `-` for the last.
        at: String,
    },
}
