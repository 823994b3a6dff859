//! What jobs can ask for.

use std::time::Duration;

use super::JobService;
use crate::{
    domain::Caller,
    jobs::{MOST_BYTES, MOST_DEPTH, MOST_GIGABYTES, MOST_IMAGES, Operation, Worker},
    policy::Action,
    service::ServiceError,
};

/// What jobs can ask for, and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The name of this process as a worker.
    pub worker: String,
    /// The pool it is in.
    pub pool: Option<String>,
    /// The version of the program.
    pub version: &'static str,
    /// The operations.
    pub operations: Vec<&'static str>,
    /// The formats that are told of images.
    pub formats: Vec<&'static str>,
    /// The algorithms of checksums.
    pub algorithms: Vec<&'static str>,
    /// Formats and algorithms in the words of `constraints`.
    pub features: Vec<String>,
    /// Whether images can be named by paths.
    pub reads_paths: bool,
    /// How many jobs this process runs at a time.
    pub at_once: usize,
    /// How many may wait, in the whole deployment.
    pub most_waiting: u64,
    /// How long a job that ended is kept.
    pub time_to_live: Duration,
    /// The most bytes of a document.
    pub most_bytes: usize,
    /// How deep its values may lie in each other.
    pub most_depth: usize,
    /// The most images that one job names.
    pub most_images: usize,
    /// The largest size that a job can bound disks to, in units of 2^30 bytes.
    pub most_gigabytes: u64,
}

impl JobService {
    /// What jobs can ask for.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]
    pub fn capabilities(&self, caller: &Caller) -> Result<Capabilities, ServiceError> {
        self.0.permit(caller, Action::GetCapabilities)?;
        let parts = &self.0.core.parts;
        let (engine, settings) = (&parts.engine, parts.settings.jobs);
        let worker = engine.worker();
        let operations: Vec<_> = Operation::all().map(Operation::name).collect();
        let features = worker.capabilities().iter();
        Ok(Capabilities {
            worker: worker.id.clone(),
            pool: worker.pool.clone(),
            version: Worker::version(),
            features: features
                .filter(|name| !operations.contains(&name.as_str()))
                .cloned()
                .collect(),
            operations,
            formats: Worker::formats().collect(),
            algorithms: engine.hashers().names().collect(),
            reads_paths: engine.has_roots(),
            at_once: settings.at_once,
            most_waiting: settings.most_waiting,
            time_to_live: settings.time_to_live,
            most_bytes: MOST_BYTES,
            most_depth: MOST_DEPTH,
            most_images: MOST_IMAGES,
            most_gigabytes: MOST_GIGABYTES,
        })
    }
}
