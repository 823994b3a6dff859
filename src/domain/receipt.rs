//! What a receipt says: what digests a copy was found to have, and after which other receipt.

use std::{fmt, str::FromStr};

use crate::domain::{
    CopyState, DigestSource, Digests, ExpectedDigests, ImageId, StoreId, Timestamp, UnknownWord,
};

/// On what occasion a copy was read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptOccasion {
    /// Digests were found.
    Found(DigestSource),
    /// It was not what it should be, and was made anew from another one.
    Heal,
}

impl ReceiptOccasion {
    /// The word that receipts use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found(source) => source.as_str(),
            Self::Heal => "heal",
        }
    }
}

impl FromStr for ReceiptOccasion {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        if word == "heal" {
            return Ok(Self::Heal);
        }
        word.parse().map(Self::Found)
    }
}

impl fmt::Display for ReceiptOccasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// That a copy is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How it was found.
    pub state: CopyState,
    /// What the bytes should have.
    pub expected: ExpectedDigests,
}

/// What a copy of an image was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The image.
    pub image: ImageId,
    /// The store whose copy was read or written.
    pub store: StoreId,
    /// On what occasion.
    pub occasion: ReceiptOccasion,
    /// What the bytes were found to have; nothing if there are none, or not as many as there
    /// should be.
    pub digests: Digests,
    /// Why it is not what it should be; none: it is.
    pub failure: Option<Failure>,
    /// When.
    pub at: Timestamp,
}

/// The end of a chain of receipts, to which the next is added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChainEnd {
    /// How many receipts there are; the first has the number 1.
    pub count: u64,
    /// SHA-256 of the last envelope, in hexadecimal digits; none before the first.
    pub last: Option<String>,
}
