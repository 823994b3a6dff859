//! What makes an image unsafe.

use std::fmt;

/// Something that would endanger whoever opens the image, or that keeps us from being sure.
///
/// Its text completes "the image …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Danger {
    /// Part of the disk is in another file, which a hypervisor would open.
    #[error("has a backing file{}", named(.name.as_ref()))]
    BackingFile {
        /// How the image calls that file, if it was found.
        name: Option<Printable>,
    },
    /// All of the disk's data is in another file.
    #[error("has an external data file{}", named(.name.as_ref()))]
    DataFile {
        /// How the image calls that file, if it was found.
        name: Option<Printable>,
    },
    /// The disk consists of pieces in other files.
    #[error("has an extent outside of it: {line}")]
    ExtentOutside {
        /// The line that describes the extent.
        line: Printable,
    },
    /// Features without which the image cannot be understood, and which nobody knows.
    #[error("has unknown incompatible features: {bits:#x}")]
    UnknownFeatures {
        /// The bits that are unknown.
        bits: u64,
    },
    /// A single field says something that nobody knows.
    #[error("has an unknown {what}: {value}")]
    Unknown {
        /// The field.
        what: &'static str,
        /// What it says.
        value: u64,
    },
    /// A version of the format that is not supported.
    #[error("has version {version} of its format; supported: {supported}")]
    Version {
        /// What the image says.
        version: u32,
        /// The versions that are supported.
        supported: &'static str,
    },
    /// A VMDK of a type that the operator does not allow.
    #[error("is of the type {create_type}; allowed: {allowed}")]
    TypeNotAllowed {
        /// The `createType` of its descriptor.
        create_type: Printable,
        /// The types that are allowed, separated by a comma and a blank.
        allowed: String,
    },
    /// A format that is refused whatever it holds.
    #[error("is of a format that is not allowed")]
    Banned,
    /// Two places that should say the same differ, so that readers differ too.
    #[error("contradicts itself: {what}")]
    Inconsistent {
        /// What differs.
        what: &'static str,
    },
    /// An entry of a partition table that no tool writes.
    #[error("has a bad partition table: {what}")]
    Partition {
        /// The table.
        table: Table,
        /// What is wrong, with the number of the entry if it is one entry's fault.
        what: String,
    },
    /// A header that breaks the rules of its format.
    #[error("is malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// The stream ended before the headers did.
    #[error("ends before its headers do")]
    Truncated,
}

impl Danger {
    /// The name of the check that found it: Glance's, where it has that check.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::BackingFile { .. } => "backing_file",
            Self::DataFile { .. } => "data_file",
            Self::ExtentOutside { .. } | Self::TypeNotAllowed { .. } => "descriptor",
            Self::UnknownFeatures { .. } | Self::Unknown { .. } => "unknown_features",
            Self::Version { .. } => "version",
            Self::Banned => "banned",
            Self::Inconsistent { .. } => "footer",
            Self::Partition { table, .. } => table.check(),
            Self::Malformed { .. } => "malformed",
            Self::Truncated => "truncated",
        }
    }
}

/// One of the tables in which a disk's partitions stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// The table of the master boot record.
    Mbr,
    /// The same, where it keeps tools that do not know GPT away from the disk.
    ProtectiveMbr,
    /// The GUID partition table.
    Gpt,
}

impl Table {
    const fn check(self) -> &'static str {
        match self {
            Self::Mbr => "mbr",
            Self::ProtectiveMbr => "gptmbr",
            Self::Gpt => "gpt",
        }
    }
}

/// A short text out of an image, in which nothing but printable ASCII is left as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printable(String);

impl Printable {
    /// How many bytes of the image's text are kept.
    pub const MOST_BYTES: usize = 128;

    /// The first bytes of `text`, quoted.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let short = &text[..text.len().min(Self::MOST_BYTES)];
        let more = if short.len() < text.len() { "…" } else { "" };
        Self(format!("\"{}{more}\"", short.escape_ascii()))
    }
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn named(name: Option<&Printable>) -> String {
    name.map(|name| format!(" {name}")).unwrap_or_default()
}
