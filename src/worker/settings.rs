//! `[worker]`: how tasks are run.

use serde::{Deserialize, Serialize};

/// Settings of the workers inside `serve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How many tasks run at a time; 0 leaves them to other processes.
    pub concurrency: usize,
    /// How many copies that somebody asked for are read again at a time; 0 leaves them to other
    /// processes.
    pub checks: usize,
    /// Seconds after which another process may take over what this one no longer renews.
    pub lease: u64,
    /// How often a task is begun at most.
    pub max_attempts: u32,
    /// Seconds after which a node that was not seen is taken to be gone, with what is staged there.
    pub node_timeout: u64,
    /// Seconds between two looks through the stores for bytes that no image has; 0: never.
    pub orphan_interval: u64,
    /// Seconds between two looks for tasks that another process accepted.
    pub poll_interval: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 4,
            checks: 2,
            lease: 15,
            max_attempts: 3,
            node_timeout: 3600,
            orphan_interval: 3600,
            poll_interval: 2,
        }
    }
}
