//! `[jobs]`: verification jobs that are submitted over HTTP.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Settings of verification jobs inside `serve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The folders beneath which jobs may name images by paths; none: every path is refused.
    pub image_roots: Vec<PathBuf>,
    /// How many jobs run at a time; 0 leaves them to other processes.
    pub max_concurrent: usize,
    /// How many jobs may wait, in the whole deployment.
    pub max_queued: u64,
    /// Hours for which a job that ended is kept with its result.
    pub result_time_to_live: u64,
    /// The name by which jobs and results call this process; unset: `worker-HOSTNAME`.
    pub worker_id: Option<String>,
    /// The pool this process is in.
    pub worker_pool: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            image_roots: Vec::new(),
            max_concurrent: 2,
            max_queued: 1000,
            result_time_to_live: 48,
            worker_id: None,
            worker_pool: None,
        }
    }
}
