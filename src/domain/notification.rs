//! What other services are told.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::domain::{Timestamp, UnknownWord};

/// How much a notification matters; consumers subscribe by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Priority {
    /// Something happened.
    Info,
    /// Something did not come about.
    Error,
}

impl Priority {
    /// The word that stands in a message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Error => "ERROR",
        }
    }
}

impl FromStr for Priority {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "INFO" => Ok(Self::Info),
            "ERROR" => Ok(Self::Error),
            _ => Err(UnknownWord {
                what: "priority",
                word: word.to_owned(),
                allowed: "INFO, ERROR",
            }),
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One message to other services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The id of the message, by which a consumer knows that it has seen it.
    pub message_id: Uuid,
    /// What happened: `image.create`.
    pub event_type: String,
    /// How much it matters.
    pub priority: Priority,
    /// What it happened to, as JSON text.
    pub payload: String,
    /// When it happened.
    pub created_at: Timestamp,
}
