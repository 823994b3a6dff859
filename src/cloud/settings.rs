//! How services of the cloud are reached.

use std::{path::PathBuf, str::FromStr, time::Duration};

use crate::domain::UnknownWord;

/// How requests travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transport {
    /// The certificates that are trusted instead of the system's.
    pub cafile: Option<PathBuf>,
    /// The certificate by which the registry proves who it is.
    pub certfile: Option<PathBuf>,
    /// The key of `certfile`; none: it is in the same file.
    pub keyfile: Option<PathBuf>,
    /// Whether the service's certificate is not looked at.
    pub insecure: bool,
    /// How long one request may take, to the last byte of its answer.
    pub timeout: Duration,
    /// How often a request that did not come through is repeated.
    pub retries: u32,
}

impl Transport {
    /// How long one request may take unless the operator says.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
    /// How often a request is repeated unless the operator says.
    pub const RETRIES: u32 = 3;
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            cafile: None,
            certfile: None,
            keyfile: None,
            insecure: false,
            timeout: Self::TIMEOUT,
            retries: Self::RETRIES,
        }
    }
}

/// For whom an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// For everybody.
    Public,
    /// For the services of the cloud.
    Internal,
    /// For administrators.
    Admin,
}

impl Interface {
    /// Its name in the catalog.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Interface {
    type Err = UnknownWord;

    /// Takes the old spellings (`publicURL`) as well.
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word.strip_suffix("URL").unwrap_or(word) {
            "public" => Ok(Self::Public),
            "internal" => Ok(Self::Internal),
            "admin" => Ok(Self::Admin),
            _ => Err(UnknownWord {
                what: "interface",
                word: word.to_owned(),
                allowed: "public, internal, admin",
            }),
        }
    }
}
