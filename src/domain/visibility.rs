//! Who may see an image.

use std::{fmt, str::FromStr};

use crate::domain::UnknownWord;

/// Who may see an image besides its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Everybody, in every list.
    Public,
    /// Nobody else.
    Private,
    /// The projects that are members of the image.
    Shared,
    /// Everybody who knows it; listed only when asked for.
    Community,
}

impl Visibility {
    /// The word the API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::Community => "community",
        }
    }
}

impl FromStr for Visibility {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "public" => Ok(Self::Public),
            "private" => Ok(Self::Private),
            "shared" => Ok(Self::Shared),
            "community" => Ok(Self::Community),
            _ => Err(UnknownWord {
                what: "visibility",
                word: word.to_owned(),
                allowed: "public, private, shared, community",
            }),
        }
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
