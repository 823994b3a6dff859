//! The document that tells how a job ended.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::{
    domain::{JobId, Timestamp},
    jobs::{
        document::Job,
        failure::{Code, Failure},
    },
};

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As it should.
    Completed,
    /// With an error. A job that took too long has this too, and the code `TIMEOUT`.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl Status {
    /// The word that documents use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A job's end.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Why it did not end well.
    pub failure: Option<Failure>,
    /// The document that tells it.
    pub document: Value,
}

/// What the document is made of.
pub(super) struct Making<'a> {
    pub(super) worker: &'a str,
    pub(super) job: &'a Job,
    pub(super) started: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) took: Duration,
    pub(super) attempt: u32,
    pub(super) read: u64,
    pub(super) data: Option<Value>,
}

#[derive(Serialize)]
struct Document<'a> {
    job_id: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<String>,
    worker_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a str>,
    execution_summary: Summary<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observability: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

#[derive(Serialize)]
struct Summary<'a> {
    started_at: String,
    duration_seconds: u64,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'a str>,
}

#[derive(Serialize)]
struct Metrics {
    disk_read_bytes: u64,
}

impl Making<'_> {
    /// The end of the job, with `failure` if there was one.
    pub(super) fn outcome(self, failure: Option<Failure>) -> Outcome {
        let status = status(failure.as_ref());
        let ended = self.ended.in_seconds();
        let (completed_at, failed_at) = match status {
            Status::Completed => (Some(ended), None),
            Status::Failed | Status::Cancelled => (None, Some(ended)),
        };
        let document = Document {
            job_id: self.job.id.as_str(),
            status: status.as_str(),
            completed_at,
            failed_at,
            worker_id: self.worker,
            operation: Some(self.job.operation.name()),
            execution_summary: Summary {
                started_at: self.started.in_seconds(),
                duration_seconds: self.took.as_secs(),
                attempt: self.attempt,
                idempotency_key: self.job.execution.idempotency_key.as_deref(),
            },
            metrics: (self.read > 0).then_some(Metrics {
                disk_read_bytes: self.read,
            }),
            error: failure.as_ref(),
            observability: self.job.observability.as_ref(),
            data: self.data,
        };
        let document = value(&document);
        Outcome {
            status,
            failure,
            document,
        }
    }
}

/// The end of a document that was refused.
pub(super) fn refusal(worker: &str, id: &JobId, now: Timestamp, failure: &Failure) -> Value {
    value(&Document {
        job_id: id.as_str(),
        status: Status::Failed.as_str(),
        completed_at: None,
        failed_at: Some(now.in_seconds()),
        worker_id: worker,
        operation: None,
        execution_summary: Summary {
            started_at: now.in_seconds(),
            duration_seconds: 0,
            attempt: 1,
            idempotency_key: None,
        },
        metrics: None,
        error: Some(failure),
        observability: None,
        data: None,
    })
}

/// The word under which a job's end is counted.
pub(super) fn counted_as(outcome: &Outcome) -> &'static str {
    match &outcome.failure {
        Some(failure) if failure.code == Code::Timeout => "timeout",
        _ => outcome.status.as_str(),
    }
}

const fn status(failure: Option<&Failure>) -> Status {
    match failure {
        None => Status::Completed,
        Some(Failure {
            code: Code::Cancelled,
            ..
        }) => Status::Cancelled,
        Some(_) => Status::Failed,
    }
}

#[expect(
    clippy::expect_used,
    reason = "texts, numbers and JSON values always make JSON"
)]
fn value(document: &Document<'_>) -> Value {
    serde_json::to_value(document).expect("a document of plain values")
}
