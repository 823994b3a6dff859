//! The forms in which images are packed.

use std::fmt;

use crate::domain::Compression;

/// A form in which images are packed, by their first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// A compressed stream.
    Compressed(Compression),
    /// A zip archive.
    Zip,
    /// An lha archive.
    Lha,
}

impl Packing {
    /// How many first bytes tell the form.
    pub const HEAD: usize = 8;

    /// The form of bytes that begin with `head`.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        if let Some(form) = Compression::of(head) {
            return Some(Self::Compressed(form));
        }
        match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            [_, _, b'-', b'l', b'h' | b'z', _, b'-', ..] => Some(Self::Lha),
            _ => None,
        }
    }
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compressed(form) => form.fmt(f),
            Self::Zip => f.write_str("zip"),
            Self::Lha => f.write_str("lha"),
        }
    }
}
