//! How a job ended, as it is kept.

use serde_json::Value;

use crate::{
    domain::{JobEnd, JobId, JobStatus, Timestamp},
    jobs::{Code, Engine, Failure, Kept, Outcome, Status},
};

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End {
    pub(super) status: JobStatus,
    result: String,
    pub(super) error: Option<String>,
    is_final: bool,
}

impl End {
    /// The end that a run came to.
    pub(super) fn of(outcome: &Outcome) -> Self {
        let status = match outcome.status {
            Status::Completed => JobStatus::Completed,
            Status::Failed => JobStatus::Failed,
            Status::Cancelled => JobStatus::Cancelled,
        };
        Self::told(status, outcome.document.clone())
    }

    /// The end of another job with the same idempotency key.
    pub(super) fn repeated(first: &Kept, id: &JobId) -> Self {
        let status = if first.is_completed() {
            JobStatus::Completed
        } else {
            JobStatus::Failed
        };
        Self::told(status, first.of_job(id))
    }

    /// The end of a job whose document is refused although it was taken once.
    pub(super) fn refused(engine: &Engine, id: &JobId, failure: &Failure) -> Self {
        let result = engine.refuse(Some(id), failure);
        Self::told(JobStatus::Failed, result.unwrap_or_default())
    }

    /// The end of a job that this version cannot read.
    pub(super) fn unreadable(engine: &Engine, id: &JobId) -> Self {
        let message = "the document of the job cannot be read";
        Self::refused(engine, id, &Failure::new(Code::Validation, message))
    }

    fn told(status: JobStatus, result: Value) -> Self {
        let kept = Kept(result);
        let is_good = status == JobStatus::Completed;
        Self {
            status,
            result: kept.0.to_string(),
            // PostgreSQL keeps no NUL.
            error: (!is_good).then(|| kept.reason().replace('\0', "\u{fffd}")),
            is_final: kept.is_final(),
        }
    }

    /// The same, at a time, as the database takes it.
    pub(super) fn at<'a>(
        &'a self,
        now: Timestamp,
        expires_at: Timestamp,
        worker: &'a str,
    ) -> JobEnd<'a> {
        JobEnd {
            status: self.status,
            result: &self.result,
            error: self.error.as_deref(),
            is_final: self.is_final,
            worker,
            at: now,
            expires_at,
        }
    }
}
