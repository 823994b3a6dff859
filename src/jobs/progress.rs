//! How far a job is.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde::Serialize;
use serde_json::Value;

use crate::{
    domain::{Clock, JobId},
    jobs::document::Job,
};

/// One event of a job on its way, as the protocol writes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// The job.
    pub job_id: String,
    /// When it happened.
    pub timestamp: String,
    /// Counts from 0 within an attempt.
    pub sequence: u64,
    /// The part of the work that begins.
    pub phase: &'static str,
    /// How much is done, of 100.
    pub progress_percent: u8,
    /// What begins, for people.
    pub message: String,
    /// What the job's submitter wants to find in it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observability: Option<Value>,
}

/// Who is told how far jobs are.
pub trait Listener: Send + Sync {
    /// Takes note of an event. It is called on threads that may block, and should not for long.
    fn hear(&self, job: &JobId, event: &Event);
}

/// Tells the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Log;

impl Listener for Log {
    fn hear(&self, job: &JobId, event: &Event) {
        tracing::info!(
            job.id = %job,
            job.phase = event.phase,
            "[{}%] {}",
            event.progress_percent,
            event.message
        );
    }
}

/// Tells how far one attempt of a job is.
#[derive(Clone)]
pub(super) struct Reporter {
    job: Arc<Job>,
    sequence: Arc<AtomicU64>,
    clock: Arc<dyn Clock>,
    listener: Arc<dyn Listener>,
}

impl Reporter {
    pub(super) fn new(job: Arc<Job>, clock: Arc<dyn Clock>, listener: Arc<dyn Listener>) -> Self {
        Self {
            job,
            sequence: Arc::default(),
            clock,
            listener,
        }
    }

    /// Tells that `message` begins, in the phase `phase`, when `percent` of all is done.
    pub(super) fn tell(&self, phase: &'static str, percent: u8, message: impl Into<String>) {
        let event = Event {
            job_id: self.job.id.to_string(),
            timestamp: self.clock.now().in_seconds(),
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed),
            phase,
            progress_percent: percent,
            message: message.into(),
            observability: self.job.observability.clone(),
        };
        self.listener.hear(&self.job.id, &event);
    }
}
