//! The copies of an image's bytes, and what is known of each.

use std::{fmt, str::FromStr};

use crate::domain::{StoreId, Timestamp, UnknownWord};

/// How a copy was found when it was read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CopyState {
    /// It has not been read yet.
    Unverified,
    /// It has every digest that is known of the image.
    Sound,
    /// Its bytes are not the image's.
    Damaged,
    /// The store does not have it.
    Missing,
    /// The store could not be read, several times.
    Unreadable,
}

impl CopyState {
    /// Whether it is certain that the copy does not have the image's bytes.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Damaged | Self::Missing)
    }

    /// The word the API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Sound => "ok",
            Self::Damaged => "damaged",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
        }
    }
}

impl FromStr for CopyState {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "unverified" => Ok(Self::Unverified),
            "ok" => Ok(Self::Sound),
            "damaged" => Ok(Self::Damaged),
            "missing" => Ok(Self::Missing),
            "unreadable" => Ok(Self::Unreadable),
            _ => Err(UnknownWord {
                what: "state of a copy",
                word: word.to_owned(),
                allowed: "unverified, ok, damaged, missing, unreadable",
            }),
        }
    }
}

impl fmt::Display for CopyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of one copy of an image's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRecord {
    /// The store that holds it.
    pub store: StoreId,
    /// How it was found.
    pub state: CopyState,
    /// When it was last found to be sound.
    pub verified_at: Option<Timestamp>,
    /// When it was read last, whatever came of it.
    pub checked_at: Option<Timestamp>,
    /// Why it is not sound.
    pub reason: Option<String>,
    /// Whether it waits to be read again, or is being read.
    pub pending: bool,
}
