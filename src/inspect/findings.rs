//! What was recognised in a stream.

use std::fmt;

use crate::inspect::{danger::Danger, format::Format};

/// What was recognised in a stream, so far or at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// The formats that were recognised, in the order of [`Format`]; none: the content is raw.
    pub detected: Vec<Detected>,
    /// How many bytes there were; `None` while more may come.
    pub length: Option<u64>,
}

impl Findings {
    /// The formats: [`Format::Raw`] alone if none was recognised.
    #[must_use]
    pub fn formats(&self) -> Vec<Format> {
        if self.detected.is_empty() {
            return vec![Format::Raw];
        }
        self.detected.iter().map(|found| found.format).collect()
    }

    /// What was found of `format`.
    #[must_use]
    pub fn find(&self, format: Format) -> Option<&Detected> {
        self.detected.iter().find(|found| found.format == format)
    }
}

/// A format that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The format.
    pub format: Format,
    /// Which kind of it.
    pub variant: Option<Variant>,
    /// The size of the disk in bytes, if the image tells it.
    pub virtual_size: Option<u64>,
    /// What is unsafe about it.
    pub dangers: Vec<Danger>,
}

impl Detected {
    /// `format`, of which nothing else is known yet.
    pub(super) const fn new(format: Format) -> Self {
        Self {
            format,
            variant: None,
            virtual_size: None,
            dangers: Vec::new(),
        }
    }

    /// Notes that the disk has `count` units of `unit` bytes.
    ///
    /// # Errors
    ///
    /// [`Danger::Malformed`] if no file can be as large as that.
    pub(super) fn set_size(&mut self, count: u64, unit: u64) -> Result<(), Danger> {
        let size = count
            .checked_mul(unit)
            .filter(|size| i64::try_from(*size).is_ok())
            .ok_or(Danger::Malformed {
                what: "the disk has more than 2^63 - 1 bytes",
            })?;
        self.virtual_size = Some(size);
        Ok(())
    }
}

/// A kind of image within a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variant {
    /// A version of the format.
    Version(u32),
    /// The `createType` of a VMDK, as it is written there.
    CreateType(String),
    /// All of the disk is in the file.
    Fixed,
    /// The file grows as the disk is used.
    Dynamic,
    /// Only what differs from another file.
    Differencing,
    /// A partition table of the old kind.
    Mbr,
    /// A partition table of the new kind.
    Gpt,
    /// A disc with an ISO 9660 file system.
    Iso9660,
    /// A disc with nothing but a UDF file system.
    Udf,
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version(version) => return write!(f, "version {version}"),
            Self::CreateType(create_type) => create_type,
            Self::Fixed => "fixed",
            Self::Dynamic => "dynamic",
            Self::Differencing => "differencing",
            Self::Mbr => "MBR",
            Self::Gpt => "GPT",
            Self::Iso9660 => "ISO 9660",
            Self::Udf => "UDF",
        })
    }
}
