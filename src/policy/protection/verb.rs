//! What can be done to a property.

use std::fmt;

/// What is done to a custom property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Give it to an image that, as far as the caller knows, has it not.
    Create,
    /// Be shown it.
    Read,
    /// Give it another value.
    Update,
    /// Take it off the image.
    Delete,
}

impl Verb {
    /// The key that says who may.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
