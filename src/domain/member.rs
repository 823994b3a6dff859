//! Projects an image is shared with.

use std::{fmt, str::FromStr};

use crate::domain::{ImageId, Timestamp, UnknownWord};

/// What a project says to an image that was shared with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberStatus {
    /// Nothing yet.
    Pending,
    /// The image appears in its lists.
    Accepted,
    /// The image does not.
    Rejected,
}

impl MemberStatus {
    /// The word the API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

impl FromStr for MemberStatus {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "pending" => Ok(Self::Pending),
            "accepted" => Ok(Self::Accepted),
            "rejected" => Ok(Self::Rejected),
            _ => Err(UnknownWord {
                what: "member status",
                word: word.to_owned(),
                allowed: "pending, accepted, rejected",
            }),
        }
    }
}

impl fmt::Display for MemberStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One project's membership of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The image.
    pub image_id: ImageId,
    /// The project; at most 255 characters.
    pub member_id: String,
    /// What the project says to it.
    pub status: MemberStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
