//! What can be wrong with a file of property protections.

use super::Verb;

/// What is wrong with a file of property protections, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProtectionFault {
    /// A line is nothing that can be there.
    #[error("line {line}: {what}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What is the matter, or allowed.
        what: &'static str,
    },
    /// The name of a section is no regular expression, or too large a one. Expressions that
    /// look around or refer back are none: they cannot be tried in bounded time.
    #[error(
        "[{section}] is not a regular expression; allowed: one without look-around and \
         back-references"
    )]
    Pattern {
        /// The section.
        section: String,
        /// Why not.
        #[source]
        source: Box<regex::Error>,
    },
    /// A section does not say who may do something.
    #[error("[{section}] {verb} is not set; allowed: {allowed}")]
    Missing {
        /// The section.
        section: String,
        /// What nothing is said about.
        verb: Verb,
        /// What it may be.
        allowed: &'static str,
    },
    /// A key has a value that it cannot have.
    #[error("[{section}] {verb} = {value}; allowed: {allowed}")]
    Value {
        /// The section.
        section: String,
        /// The key.
        verb: Verb,
        /// Its value.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// More sections than this.
    #[error("there are more than {0} sections")]
    TooMany(usize),
}
