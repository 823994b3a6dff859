//! A row of the table of options.

use crate::config::kind::Kind;

/// One option.
#[derive(Debug)]
pub(super) struct Row {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
}

/// The option `name`.
pub(super) const fn row(name: &'static str, kind: Kind) -> Row {
    Row { name, kind }
}

/// A whole number from `min` to `max`.
pub(super) const fn number(min: i128, max: i128) -> Kind {
    Kind::Number { min, max }
}

/// A count that has no upper bound of its own.
pub(super) const fn count(min: i128) -> Kind {
    number(min, u32::MAX as i128)
}
