//! The forms in which publishers compress images.

use std::fmt;

/// A form in which publishers compress images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip
    Gzip,
    /// xz
    Xz,
    /// Zstandard
    Zstd,
    /// bzip2
    Bzip2,
}

impl Compression {
    const ALL: [Self; 4] = [Self::Gzip, Self::Xz, Self::Zstd, Self::Bzip2];

    /// The form of bytes that begin with `head`.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|form| head.starts_with(form.magic()))
    }

    /// The form that the ending of a file's name says.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match &*ending.to_ascii_lowercase() {
            "gz" | "tgz" => Some(Self::Gzip),
            "xz" | "txz" => Some(Self::Xz),
            "zst" | "zstd" => Some(Self::Zstd),
            "bz2" => Some(Self::Bzip2),
            _ => None,
        }
    }

    const fn magic(self) -> &'static [u8] {
        match self {
            Self::Gzip => b"\x1f\x8b\x08",
            Self::Xz => b"\xfd7zXZ\0",
            Self::Zstd => b"\x28\xb5\x2f\xfd",
            Self::Bzip2 => b"BZh",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_by_its_first_bytes_and_by_the_ending_of_a_name() {
        assert_eq!(
            Compression::of(b"\x1f\x8b\x08\x00"),
            Some(Compression::Gzip)
        );
        assert_eq!(Compression::of(b"\xfd7zXZ\0\0"), Some(Compression::Xz));
        assert_eq!(Compression::of(b"QFI\xfb"), None);
        assert_eq!(Compression::of(b""), None);
        assert_eq!(Compression::of_name("a.img.XZ"), Some(Compression::Xz));
        assert_eq!(Compression::of_name("gz"), None);
        assert_eq!(Compression::of_name("a.qcow2"), None);
    }
}
