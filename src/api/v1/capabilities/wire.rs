//! Capabilities on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Capabilities;

/// What jobs can ask for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Capabilities)]
pub(super) struct CapabilitiesView {
    /// The name of the process that answers, as a worker.
    worker_id: String,
    /// The pool it is in.
    pool: Option<String>,
    /// The version of the program.
    version: &'static str,
    /// The operations.
    operations: Vec<&'static str>,
    /// What else `constraints` can require: `disk.<format>` and `checksum.<algorithm>`.
    features: Vec<String>,
    /// The formats that are told of images.
    disk_formats: Vec<&'static str>,
    /// The algorithms of checksums.
    algorithms: Vec<&'static str>,
    /// Whether images can be named by paths.
    image_paths: bool,
    /// How many jobs the process runs at a time.
    max_concurrent_jobs: usize,
    /// The largest `constraints.maximum_disk_size_gb`.
    max_disk_size_gb: u64,
    /// Bounds of documents, of the queue and of results.
    limits: LimitsView,
}

/// Bounds of documents, of the queue and of results.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobLimits)]
struct LimitsView {
    /// The most bytes of a document.
    document_bytes: usize,
    /// How deep its values may lie in each other.
    document_levels: usize,
    /// The most images that one job names.
    images: usize,
    /// How many jobs may wait.
    queued_jobs: u64,
    /// How long a job that ended is kept.
    result_hours: u64,
}

impl From<Capabilities> for CapabilitiesView {
    fn from(capabilities: Capabilities) -> Self {
        let Capabilities {
            worker,
            pool,
            version,
            operations,
            formats,
            algorithms,
            features,
            reads_paths,
            at_once,
            most_waiting,
            time_to_live,
            most_bytes,
            most_depth,
            most_images,
            most_gigabytes,
        } = capabilities;
        Self {
            worker_id: worker,
            pool,
            version,
            operations,
            features,
            disk_formats: formats,
            algorithms,
            image_paths: reads_paths,
            max_concurrent_jobs: at_once,
            max_disk_size_gb: most_gigabytes,
            limits: LimitsView {
                document_bytes: most_bytes,
                document_levels: most_depth,
                images: most_images,
                queued_jobs: most_waiting,
                result_hours: time_to_live.as_secs() / 3600,
            },
        }
    }
}
