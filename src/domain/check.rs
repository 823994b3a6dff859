//! Checks: readings of a copy of an image's bytes, to hold them against what is known of them.

use std::{fmt, str::FromStr};

use crate::domain::{Algorithm, ImageId, StoreId, UnknownWord};

/// Why a copy is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckPurpose {
    /// Somebody wants to know whether it is sound.
    Verify,
    /// Somebody wants a further digest.
    Hash,
    /// What was read of it was not what it should be.
    Read,
    /// It has not been read for long.
    Scrub,
    /// The operator wants a further digest of all images.
    Backfill,
    /// It is known not to be what it should be, and is to be made anew from another one.
    Heal,
}

impl CheckPurpose {
    /// The word by which it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Hash => "hash",
            Self::Read => "read",
            Self::Scrub => "scrub",
            Self::Backfill => "backfill",
            Self::Heal => "heal",
        }
    }
}

impl FromStr for CheckPurpose {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "verify" => Ok(Self::Verify),
            "hash" => Ok(Self::Hash),
            "read" => Ok(Self::Read),
            "scrub" => Ok(Self::Scrub),
            "backfill" => Ok(Self::Backfill),
            "heal" => Ok(Self::Heal),
            _ => Err(UnknownWord {
                what: "purpose of a check",
                word: word.to_owned(),
                allowed: "verify, hash, read, scrub, backfill, heal",
            }),
        }
    }
}

impl fmt::Display for CheckPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One copy that is to be read again. There is one check of a copy at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The image.
    pub image_id: ImageId,
    /// The store whose copy it is.
    pub store: StoreId,
    /// Why.
    pub purpose: CheckPurpose,
    /// Algorithms whose digests are wanted besides those that are known.
    pub algorithms: Vec<Algorithm>,
    /// The user who asked for it, if one did.
    pub user_id: Option<String>,
    /// The request that asked for it, if one did.
    pub request_id: Option<String>,
    /// How often it was begun.
    pub attempts: u32,
}
