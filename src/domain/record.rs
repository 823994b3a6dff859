//! Records of digests: which was found of which bytes, how, and when.

use std::{fmt, str::FromStr};

use crate::domain::{Digest, Publication, StoreId, Timestamp, UnknownWord};

/// On what occasion a digest was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DigestSource {
    /// A client sent the bytes.
    Upload,
    /// An import brought them in.
    Import,
    /// The registry read them again, since this digest was not known.
    Backfill,
    /// The registry read them again to see that they are unchanged.
    Scrub,
    /// Their publisher says it, and the bytes were found to have it.
    Publisher,
}

impl DigestSource {
    /// The word the API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Import => "import",
            Self::Backfill => "backfill",
            Self::Scrub => "scrub",
            Self::Publisher => "publisher",
        }
    }
}

impl FromStr for DigestSource {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "upload" => Ok(Self::Upload),
            "import" => Ok(Self::Import),
            "backfill" => Ok(Self::Backfill),
            "scrub" => Ok(Self::Scrub),
            "publisher" => Ok(Self::Publisher),
            _ => Err(UnknownWord {
                what: "source of a digest",
                word: word.to_owned(),
                allowed: "upload, import, backfill, scrub, publisher",
            }),
        }
    }
}

impl fmt::Display for DigestSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One digest that was found of the bytes of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestRecord {
    /// The digest.
    pub digest: Digest,
    /// On what occasion it was found.
    pub source: DigestSource,
    /// The store whose copy was read or written.
    pub store: StoreId,
    /// When it was found first.
    pub computed_at: Timestamp,
    /// When it was found last.
    pub confirmed_at: Timestamp,
    /// Where its publisher says it, with [`DigestSource::Publisher`].
    pub publication: Option<Publication>,
}
