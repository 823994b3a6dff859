//! How long things may take.

use std::time::Duration;

use crate::fetch::Settings;

/// The times of all requests of one fetcher.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timing {
    /// A connection, with the lookup before it and the handshakes after it.
    pub(super) connect: Duration,
    /// The time between two pieces of data.
    pub(super) idle: Duration,
    /// A whole download.
    pub(super) total: Duration,
    /// The pause before the first retry.
    pub(super) pause: Duration,
    /// The longest pause before a retry.
    pub(super) longest_pause: Duration,
}

impl From<&Settings> for Timing {
    fn from(settings: &Settings) -> Self {
        Self {
            connect: Duration::from_secs(settings.connect_timeout),
            idle: Duration::from_secs(settings.idle_timeout),
            total: Duration::from_secs(settings.total_timeout),
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(8),
        }
    }
}
