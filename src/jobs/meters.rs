//! What is counted of jobs, under the names that dashboards of the guestkit worker know.

use std::time::Duration;

use metrics::{counter, gauge, histogram};
use serde::{Serialize, Serializer};

use crate::jobs::{failure::Code, operation::Operation};

/// A job that is being run; counted until it is dropped, however it ends.
#[derive(Debug)]
pub(super) struct Active(());

impl Active {
    pub(super) fn begin() -> Self {
        gauge!("guestkit_worker_active_jobs").increment(1.0);
        Self(())
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        gauge!("guestkit_worker_active_jobs").decrement(1.0);
    }
}

/// How a check of an image against its checksums ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verification {
    /// All hold.
    Success,
    /// One does not, or none could be checked.
    Failure,
    /// There was none to check.
    Skipped,
}

impl Verification {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Skipped => "skipped",
        }
    }

    pub(super) fn count(self) {
        counter!("guestkit_checksum_verifications_total", "status" => self.as_str()).increment(1);
    }
}

impl Serialize for Verification {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// Counts a job that came to an end: `status` is `completed`, `failed`, `cancelled` or `timeout`.
pub(super) fn count_job(operation: Option<Operation>, status: &'static str, took: Duration) {
    let operation = operation.map_or("unknown", Operation::name);
    counter!("guestkit_worker_jobs_total", "operation" => operation, "status" => status)
        .increment(1);
    histogram!(
        "guestkit_worker_jobs_duration_seconds",
        "operation" => operation, "status" => status
    )
    .record(took.as_secs_f64());
}

/// Counts one attempt of what `operation` asks for.
pub(super) fn count_attempt(operation: Operation, is_success: bool, took: Duration) {
    let handler = operation.name().replace('.', "-");
    let status = if is_success { "success" } else { "error" };
    counter!(
        "guestkit_handler_executions_total",
        "handler" => handler.clone(), "status" => status
    )
    .increment(1);
    histogram!(
        "guestkit_handler_duration_seconds",
        "handler" => handler, "status" => status
    )
    .record(took.as_secs_f64());
}

/// Counts a document that was refused.
pub(super) fn count_refusal(code: Code) {
    count_job(None, "failed", Duration::ZERO);
    if matches!(code, Code::UnsupportedChecksum | Code::InvalidChecksum) {
        Verification::Failure.count();
    }
}

/// Counts bytes that were read from images.
pub(super) fn count_read(bytes: u64) {
    counter!("guestkit_worker_disk_read_bytes_total").increment(bytes);
}

/// Counts bytes that were written.
pub(super) fn count_written(bytes: u64) {
    counter!("guestkit_worker_disk_write_bytes_total").increment(bytes);
}

/// Tells how many jobs wait.
pub fn tell_waiting(jobs: u64) {
    // A gauge is a float; more jobs than it counts exactly fit no folder.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    gauge!("guestkit_worker_queue_depth").set(jobs as f64);
}
