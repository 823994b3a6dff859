//! The name of a job.

use std::{fmt, str::FromStr};

/// The id of a job, as its submitter chose it.
///
/// - 8 to 128 letters, digits, `.`, `_` and `-`, of which the first is a letter or a digit.
/// - Safe as part of a file name: it has no separator, and is neither `.` nor `..` nor hidden.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(Box<str>);

/// A text that is no id of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 8 to 128 letters, digits, '.', '_' or '-', and begin with a letter or a digit")]
pub struct InvalidJobId;

impl JobId {
    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JobId {
    type Err = InvalidJobId;

    fn from_str(text: &str) -> Result<Self, InvalidJobId> {
        let well_formed = (8..=128).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        well_formed.then(|| Self(text.into())).ok_or(InvalidJobId)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_never_leaves_its_folder() {
        for text in [
            "",
            "short",
            "../../etc/passwd",
            "........",
            ".hidden-job",
            "-option-like",
            "job/with/slash",
            "job\\with\\slash",
            "job\0with-nul",
            "job with blanks",
            "jöb-with-umlaut",
            &"a".repeat(129),
        ] {
            assert_eq!(text.parse::<JobId>(), Err(InvalidJobId), "{text:?}");
        }
        for text in ["job-12345", "a..b..c..", "A_1.2-3.json", &"a".repeat(128)] {
            assert!(text.parse::<JobId>().is_ok(), "{text:?}");
        }
    }
}
