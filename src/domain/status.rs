//! The life of an image.

use std::{fmt, str::FromStr};

use crate::domain::{UnknownWord, Verified};

/// Where an image stands in its life.
///
/// The verbs are the only way from one status to another, and [`ImageStatus::activate`] asks
/// for the proof that bytes were verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageStatus {
    /// Described, without data.
    Queued,
    /// Data arrives from an upload.
    Saving,
    /// Data arrives in the staging area, or is staged.
    Uploading,
    /// An import works on it.
    Importing,
    /// Verified and usable.
    Active,
    /// Verified, and closed to all but administrators.
    Deactivated,
    /// Gone.
    Deleted,
}

/// A verb that the image's status forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot {verb} an image in status {from}")]
pub struct Illegal {
    /// The status the image is in.
    pub from: ImageStatus,
    /// What was asked for.
    pub verb: &'static str,
}

impl ImageStatus {
    /// Data starts to arrive.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless the image is queued.
    pub fn begin_upload(self) -> Result<Self, Illegal> {
        match self {
            Self::Queued => Ok(Self::Saving),
            from => Err(Illegal {
                from,
                verb: "upload to",
            }),
        }
    }

    /// Data starts to arrive in the staging area.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless the image is queued.
    pub fn begin_stage(self) -> Result<Self, Illegal> {
        match self {
            Self::Queued => Ok(Self::Uploading),
            from => Err(Illegal {
                from,
                verb: "stage data for",
            }),
        }
    }

    /// An import of staged data starts.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless the image is uploading.
    pub fn begin_import_of_staged(self) -> Result<Self, Illegal> {
        match self {
            Self::Uploading => Ok(Self::Importing),
            from => Err(Illegal {
                from,
                verb: "import staged data of",
            }),
        }
    }

    /// An import that fetches the data starts.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless the image is queued.
    pub fn begin_import_by_download(self) -> Result<Self, Illegal> {
        match self {
            Self::Queued => Ok(Self::Importing),
            from => Err(Illegal {
                from,
                verb: "import data into",
            }),
        }
    }

    /// The data is copied to further stores; the image stays as it is.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless the image is active.
    pub fn begin_copy(self) -> Result<Self, Illegal> {
        match self {
            Self::Active => Ok(Self::Active),
            from => Err(Illegal { from, verb: "copy" }),
        }
    }

    /// The data is complete, verified and durable.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless data was arriving.
    pub fn activate(self, _proof: &Verified) -> Result<Self, Illegal> {
        self.activate_unread()
    }

    /// The operator has what is said of the data taken at its word.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless data was arriving.
    pub fn activate_unread(self) -> Result<Self, Illegal> {
        match self {
            Self::Saving | Self::Importing => Ok(Self::Active),
            from => Err(Illegal {
                from,
                verb: "activate",
            }),
        }
    }

    /// The data did not arrive; the owner may try again.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless data was arriving.
    pub fn abandon(self) -> Result<Self, Illegal> {
        match self {
            Self::Saving | Self::Uploading | Self::Importing => Ok(Self::Queued),
            from => Err(Illegal {
                from,
                verb: "abandon the data of",
            }),
        }
    }

    /// The image is closed to all but administrators.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless the image is active or deactivated already.
    pub fn deactivate(self) -> Result<Self, Illegal> {
        match self {
            Self::Active | Self::Deactivated => Ok(Self::Deactivated),
            from => Err(Illegal {
                from,
                verb: "deactivate",
            }),
        }
    }

    /// The image is opened again.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless the image is deactivated or active already.
    pub fn reactivate(self) -> Result<Self, Illegal> {
        match self {
            Self::Deactivated | Self::Active => Ok(Self::Active),
            from => Err(Illegal {
                from,
                verb: "reactivate",
            }),
        }
    }

    /// The data is to be read again.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless the image has verified data.
    pub fn verify(self) -> Result<(), Illegal> {
        match self {
            Self::Active | Self::Deactivated => Ok(()),
            from => Err(Illegal {
                from,
                verb: "verify",
            }),
        }
    }

    /// A further digest of the data is to be found.
    ///
    /// # Errors
    ///
    /// [`Illegal`] unless the image is active.
    pub fn hash(self) -> Result<(), Illegal> {
        match self {
            Self::Active => Ok(()),
            from => Err(Illegal { from, verb: "hash" }),
        }
    }

    /// Whether there are verified bytes.
    #[must_use]
    pub const fn has_data(self) -> bool {
        matches!(self, Self::Active | Self::Deactivated)
    }

    /// Whether `disk_format` and `container_format` may still change.
    #[must_use]
    pub const fn formats_may_change(self) -> bool {
        matches!(self, Self::Queued | Self::Importing)
    }

    /// The word the API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Saving => "saving",
            Self::Uploading => "uploading",
            Self::Importing => "importing",
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
        }
    }
}

impl FromStr for ImageStatus {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [
            Self::Queued,
            Self::Saving,
            Self::Uploading,
            Self::Importing,
            Self::Active,
            Self::Deactivated,
            Self::Deleted,
        ]
        .into_iter()
        .find(|status| status.as_str() == word)
        .ok_or_else(|| UnknownWord {
            what: "status",
            word: word.to_owned(),
            allowed: "queued, saving, uploading, importing, active, deactivated, deleted",
        })
    }
}

impl fmt::Display for ImageStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_queued_image_takes_data() {
        for status in [
            ImageStatus::Saving,
            ImageStatus::Uploading,
            ImageStatus::Importing,
            ImageStatus::Active,
            ImageStatus::Deactivated,
            ImageStatus::Deleted,
        ] {
            assert!(status.begin_upload().is_err(), "{status}");
            assert!(status.begin_stage().is_err(), "{status}");
            assert!(status.begin_import_by_download().is_err(), "{status}");
        }
        assert_eq!(ImageStatus::Queued.begin_upload(), Ok(ImageStatus::Saving));
    }

    #[test]
    fn what_is_active_cannot_be_abandoned() {
        assert!(ImageStatus::Active.abandon().is_err());
        assert!(ImageStatus::Deactivated.abandon().is_err());
    }
}
