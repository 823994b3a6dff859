//! The bytes that somebody published, where others are kept for them.

use crate::domain::Digests;

/// The bytes that an import brought, if what is stored was made of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Original {
    /// How many there were.
    pub size: u64,
    /// Their digests.
    pub digests: Digests,
    /// The forms that were taken off, the outermost first: how they were packed, their disk format.
    pub forms: Vec<String>,
}
