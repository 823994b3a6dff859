//! What tells a file from another one, and from itself before it was changed.

use std::{fs::Metadata, os::unix::fs::MetadataExt as _};

use crate::domain::Timestamp;

/// How far the coarsest clock of a file system steps, in seconds (FAT's).
const STEP: i64 = 2;

/// What the system says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli::files) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) size: u64,
    /// When its content was changed: seconds and nanoseconds.
    pub(super) modified: (i64, i64),
    /// When anything of it was changed, which no program can set as it likes.
    pub(super) changed: (i64, i64),
}

impl From<&Metadata> for Identity {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl Identity {
    /// Whether a change after `now` is sure to give the file other times.
    pub(in crate::cli::files) fn is_settled(&self, now: Timestamp) -> bool {
        let latest = self.modified.0.max(self.changed.0);
        latest.saturating_add(STEP) < now.as_micros() / 1_000_000
    }
}
