//! What can be wrong with the operator's rules.

use std::{io, path::PathBuf};

use super::{Malformed, Origin, ProtectionFault};

/// The rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file or folder is there but cannot be read, or is no text.
    #[error("{path} cannot be read", path = path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file is larger than 1 MiB.
    #[error("{path} is larger than a file of rules may be", path = .0.display())]
    TooLarge(PathBuf),
    /// A file is no YAML (or JSON) mapping from names to rules.
    #[error("{path} is no mapping from names to rules", path = path.display())]
    NoMapping {
        /// The file.
        path: PathBuf,
        /// Why not, with the line.
        #[source]
        source: Box<serde_saphyr::Error>,
    },
    /// A rule is neither a text nor a list; `!` and `@` must be quoted.
    #[error("rule {rule:?} of {origin} is neither a quoted text nor a list of checks")]
    NoText {
        /// The rule's name.
        rule: String,
        /// Where it is written.
        origin: Origin,
    },
    /// The text of a rule is not in the rule language.
    #[error("rule {rule:?} of {origin} is malformed")]
    Malformed {
        /// The rule's name.
        rule: String,
        /// Where it is written.
        origin: Origin,
        /// What is wrong, and where in the text.
        #[source]
        source: Malformed,
    },
    /// Rules refer to each other in a circle.
    #[error("rules refer to each other in a circle: {0}")]
    Circular(String),
    /// To answer a rule, others must be asked too deep or too many of them.
    #[error("rule {0:?} refers to too many others")]
    TooMuch(String),
    /// The file of property protections has a fault.
    #[error("the property protections of {path} cannot be used", path = path.display())]
    Protection {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        #[source]
        source: ProtectionFault,
    },
}
