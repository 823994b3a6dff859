//! The tree that the text of a rule becomes.

use std::slice;

use super::Template;

/// A rule, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::policy) enum Check {
    /// Always holds.
    True,
    /// Never holds.
    False,
    /// Holds if the other does not.
    Not(Box<Self>),
    /// Holds if all of these do.
    All(Vec<Self>),
    /// Holds if one of these does.
    Any(Vec<Self>),
    /// Holds if the caller has the role, which is spelled in lower case.
    Role(Template),
    /// Holds if the rule of that name does.
    Rule(Box<str>),
    /// Holds if the caller's credential of that name is what the template spells.
    Credential(Box<str>, Template),
    /// Holds if the text is what the template spells.
    Literal(Box<str>, Template),
}

impl Check {
    /// The check that holds if all of `checks` do.
    pub(super) fn all(checks: Vec<Self>) -> Self {
        Self::only(checks).unwrap_or_else(Self::All)
    }

    /// The check that holds if one of `checks` does.
    pub(super) fn any(checks: Vec<Self>) -> Self {
        Self::only(checks).unwrap_or_else(Self::Any)
    }

    fn only(checks: Vec<Self>) -> Result<Self, Vec<Self>> {
        <[Self; 1]>::try_from(checks).map(|[check]| check)
    }

    /// The checks that this one is made of.
    pub(in crate::policy) fn parts(&self) -> &[Self] {
        match self {
            Self::Not(check) => slice::from_ref(check),
            Self::All(checks) | Self::Any(checks) => checks,
            Self::True
            | Self::False
            | Self::Role(_)
            | Self::Rule(_)
            | Self::Credential(..)
            | Self::Literal(..) => &[],
        }
    }
}
