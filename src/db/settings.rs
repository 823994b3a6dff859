//! `[database]`: where the metadata is kept.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Settings of the metadata database.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:PATH` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`; `SQLAlchemy`'s spellings of
    /// the same are understood. Unset: `hallmark.db` in the data directory.
    #[serde(skip_serializing)]
    pub connection: Option<SecretString>,
    /// How many connections are kept open at most.
    pub max_pool_size: u32,
    /// How many more may be opened under load.
    pub max_overflow: u32,
    /// Seconds to wait for a free connection.
    pub pool_timeout: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connection: None,
            max_pool_size: 5,
            max_overflow: 50,
            pool_timeout: 30,
        }
    }
}
