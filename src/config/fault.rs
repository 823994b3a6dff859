//! What is wrong with the configuration, told so that the operator can mend it.

use std::{fmt, path::PathBuf};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is built in.
    Default,
    /// A file.
    File(PathBuf),
    /// The environment variable of this name.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// An option, and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where the value comes from.
    pub origin: Origin,
    /// The section; empty for what stands outside of every section.
    pub section: String,
    /// The option.
    pub option: String,
}

impl Place {
    pub(super) fn new(origin: Origin, section: &str, option: &str) -> Self {
        Self {
            origin,
            section: section.to_owned(),
            option: option.to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            origin,
            section,
            option,
        } = self;
        if section.is_empty() {
            write!(f, "{origin}: {option}, outside of every section")
        } else {
            write!(f, "{origin}: [{section}] {option}")
        }
    }
}

/// One thing that is wrong. No message shows a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A file cannot be read or understood.
    #[error("{}{}: {what}", file.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1, if one is to blame.
        line: Option<usize>,
        /// What is the matter.
        what: String,
    },
    /// An option has a value that it cannot have.
    #[error("{at} = {value}; allowed: {allowed}")]
    Value {
        /// The option.
        at: Box<Place>,
        /// Its value, a secret masked.
        value: String,
        /// What it may be.
        allowed: String,
    },
    /// There is no such option.
    #[error("{at}: there is no such option; allowed: {allowed}")]
    Unknown {
        /// The option.
        at: Box<Place>,
        /// The names that exist in its place.
        allowed: String,
    },
    /// An option that has to be set is not.
    #[error("[{section}] {option} is not set; allowed: {allowed}")]
    Missing {
        /// The section.
        section: String,
        /// The option.
        option: String,
        /// What it may be.
        allowed: String,
    },
}

/// Everything that is wrong with the configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
