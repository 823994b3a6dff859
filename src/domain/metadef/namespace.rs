//! A namespace of metadata definitions.

use std::{fmt, str::FromStr};

use crate::domain::{
    Timestamp, UnknownWord,
    metadef::{Association, Name, Object, Property},
};

/// Who may see a namespace besides its owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Nobody else.
    #[default]
    Private,
}

impl Visibility {
    /// The word the API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

impl FromStr for Visibility {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "public" => Ok(Self::Public),
            "private" => Ok(Self::Private),
            _ => Err(UnknownWord {
                what: "visibility",
                word: word.chars().take(64).collect(),
                allowed: "public, private",
            }),
        }
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A namespace, without what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// The name, which no other namespace has.
    pub name: Name,
    /// A name for people, of at most 80 characters.
    pub display_name: Option<String>,
    /// What it is about, in at most 500 characters.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether neither it nor anything in it can be deleted.
    pub protected: bool,
    /// The project that owns it, of at most 255 characters.
    pub owner: Option<String>,
}

/// Something, and when it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T> {
    /// The thing.
    pub what: T,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl<T> Dated<T> {
    /// `what`, created `at` that time and not changed since.
    pub const fn new(what: T, at: Timestamp) -> Self {
        Self {
            what,
            created_at: at,
            updated_at: at,
        }
    }

    /// The same dates, for what `convert` makes of the thing.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Dated<U> {
        Dated {
            what: convert(self.what),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// A namespace with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The namespace.
    pub namespace: Dated<Namespace>,
    /// To what its definitions apply.
    pub associations: Vec<Dated<Association>>,
    /// Single properties.
    pub properties: Vec<Property>,
    /// Groups of properties.
    pub objects: Vec<Dated<Object>>,
    /// Tags.
    pub tags: Vec<Dated<Name>>,
}
