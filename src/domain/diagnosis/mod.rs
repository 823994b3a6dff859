//! Why bytes are not what somebody said they are, where that can be told.

mod compression;
mod document;
mod spelling;

use std::fmt;

pub(super) use self::spelling::{spelled_otherwise, usual_algorithm};
pub use self::{compression::Compression, document::Document};
use crate::domain::{Algorithm, ImageId};

/// Why bytes are not what somebody said they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// There are none.
    Nothing,
    /// The expected value is the digest of no bytes at all.
    OfNothing,
    /// The expected value is the digest of the bytes, but under this algorithm.
    Algorithm(Algorithm),
    /// They are something that servers send instead of an image.
    Document(Document),
    /// They are compressed, and the expected digest is that of what is in them.
    Compressed(Compression),
    /// Their name says that they are compressed, and they are not.
    Decompressed(Compression),
    /// They are compressed, and end before their content does.
    CutOff(Compression),
    /// They are only so many per cent of what was announced.
    Short(u64),
    /// The expected digest is that of this image, which the caller may see.
    Expects(ImageId),
    /// They are those of this image, which the caller may see.
    Is(ImageId),
}

impl Diagnosis {
    /// That `actual` bytes came of the `announced` ones, if it is fewer.
    #[must_use]
    pub fn of_size(actual: u64, announced: u64) -> Option<Self> {
        if actual == 0 {
            return Some(Self::Nothing);
        }
        let share = u128::from(actual) * 100 / u128::from(announced.max(1));
        let share = u64::try_from(share).ok()?;
        (actual < announced).then_some(Self::Short(share))
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => write!(f, "no data came"),
            Self::OfNothing => write!(f, "the expected digest is that of no data at all"),
            Self::Algorithm(algorithm) => {
                write!(
                    f,
                    "the expected value is the {algorithm} digest of the data"
                )
            }
            Self::Document(document) => write!(f, "the data are {document}, not an image"),
            Self::Compressed(form) => write!(
                f,
                "the expected digest is that of the decompressed data, and {form} data came"
            ),
            Self::Decompressed(form) => write!(
                f,
                "the name says that the data are compressed by {form}, and they are not: the \
                 expected digest may be that of the compressed data"
            ),
            Self::CutOff(form) => {
                write!(
                    f,
                    "the data are {form} data without their end: they were cut off"
                )
            }
            Self::Short(share) => write!(f, "only {share} % of the data came"),
            Self::Expects(image) => {
                write!(
                    f,
                    "the expected digest is that of image {image}, which is here already"
                )
            }
            Self::Is(image) => write!(f, "the data are those of image {image}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_what_was_announced_is_told_in_per_cent() {
        assert_eq!(Diagnosis::of_size(3, 100), Some(Diagnosis::Short(3)));
        assert_eq!(
            Diagnosis::of_size(u64::MAX - 1, u64::MAX),
            Some(Diagnosis::Short(99))
        );
        assert_eq!(Diagnosis::of_size(0, 100), Some(Diagnosis::Nothing));
        assert_eq!(Diagnosis::of_size(101, 100), None);
        assert_eq!(Diagnosis::of_size(1, 0), None);
    }
}
