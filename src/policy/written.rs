//! A rule, and what was written to make it.

use std::{fmt, path::PathBuf};

use super::rule::Check;

/// A rule that can be asked, and told.
#[derive(Debug)]
pub(super) struct Rule {
    /// What was written.
    pub(super) text: Box<str>,
    /// What it means.
    pub(super) check: Check,
    /// Where it was written.
    pub(super) origin: Origin,
}

/// Where a rule was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the program.
    Default,
    /// In a file.
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the defaults"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
