//! The names of namespaces and of what is in them.

use std::{fmt, str::FromStr};

/// A text that can name nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name has 1 to 80 characters from U+0001 to U+FFFF without a slash, and is neither \".\" \
     nor \"..\""
)]
pub struct InvalidName;

/// The name of a namespace, of something in one, or of a type of resources.
///
/// - One to 80 characters of the Basic Multilingual Plane, none of them NUL.
/// - A path can name it: it has no slash, and is neither `.` nor `..`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// The text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let can_be_kept = |c: char| c != '\0' && c != '/' && u32::from(c) <= 0xFFFF;
        let well_formed = (1..=80).contains(&text.chars().count())
            && text.chars().all(can_be_kept)
            && !matches!(text, "." | "..");
        well_formed
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidName)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_at_most_80_characters() {
        assert!("é".repeat(80).parse::<Name>().is_ok());
        assert_eq!("é".repeat(81).parse::<Name>(), Err(InvalidName));
        assert!("OS::Compute::Hypervisor".parse::<Name>().is_ok());
    }

    #[test]
    fn what_a_path_or_a_database_cannot_hold_is_no_name() {
        for text in ["", ".", "..", "a/b", "/", "a\0", "\u{1F600}"] {
            assert_eq!(text.parse::<Name>(), Err(InvalidName), "{text:?}");
        }
    }
}
