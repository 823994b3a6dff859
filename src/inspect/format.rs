//! The disk formats that are recognised.

use std::fmt;

/// A disk format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// QEMU's copy-on-write format.
    Qcow2,
    /// Virtual PC's format.
    Vhd,
    /// Hyper-V's format.
    Vhdx,
    /// `VMware`'s format.
    Vmdk,
    /// `VirtualBox`'s format.
    Vdi,
    /// QEMU's abandoned enhanced format.
    Qed,
    /// An optical disc, ISO 9660 or UDF.
    Iso,
    /// A disk with a partition table, GPT or MBR.
    Gpt,
    /// An encrypted disk.
    Luks,
    /// The format of Parallels and of Virtuozzo's containers.
    Ploop,
    /// None of the others.
    Raw,
}

impl Format {
    /// The Image API's word for it; where that has none, the word of Glance's inspector.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qcow2 => "qcow2",
            Self::Vhd => "vhd",
            Self::Vhdx => "vhdx",
            Self::Vmdk => "vmdk",
            Self::Vdi => "vdi",
            Self::Qed => "qed",
            Self::Iso => "iso",
            Self::Gpt => "gpt",
            Self::Luks => "luks",
            Self::Ploop => "ploop",
            Self::Raw => "raw",
        }
    }

    /// Whether content that is declared to be of the format `word` can be told from any other.
    ///
    /// It cannot be for formats nobody recognises (`ami`, `ari`, `aki`), nor for `ploop`, whose
    /// images may be bare.
    #[must_use]
    pub fn is_told(word: &str) -> bool {
        const TOLD: [Format; 10] = [
            Format::Qcow2,
            Format::Vhd,
            Format::Vhdx,
            Format::Vmdk,
            Format::Vdi,
            Format::Qed,
            Format::Iso,
            Format::Gpt,
            Format::Luks,
            Format::Raw,
        ];
        TOLD.iter().any(|format| format.as_str() == word)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
