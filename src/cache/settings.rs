//! Settings of the cache.

use std::{path::PathBuf, time::Duration};

/// Settings of the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The folder of the files; no other process may use it.
    pub folder: PathBuf,
    /// How many bytes the files may have together, those that are being written among them.
    pub max_size: u64,
    /// How long nothing may arrive for a file until it is given up.
    pub stall_time: Duration,
}
