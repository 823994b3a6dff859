//! An image that is open, wherever its bytes are.

use std::io::{self, Read};

use super::roots::{Opened, State};

/// An image that is open.
pub(super) enum Open {
    /// A file beneath the roots.
    File(Opened),
    /// A copy in a store, of so many bytes.
    Copy {
        size: u64,
        bytes: Box<dyn Read + Send>,
    },
}

impl Open {
    /// How many bytes it had when it was opened.
    pub(super) const fn size(&self) -> u64 {
        match self {
            Self::File(opened) => opened.state.size,
            Self::Copy { size, .. } => *size,
        }
    }

    /// Whether it is what it was when it was opened, as far as can be told; `read` bytes came.
    pub(super) fn is_unchanged(&self, read: u64) -> io::Result<bool> {
        let is_same = match self {
            Self::File(opened) => State::of(&opened.file)? == opened.state,
            // A store shows whole objects, which never change.
            Self::Copy { .. } => true,
        };
        Ok(is_same && read == self.size())
    }
}

impl Read for Open {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(opened) => opened.file.read(buffer),
            Self::Copy { bytes, .. } => bytes.read(buffer),
        }
    }
}
