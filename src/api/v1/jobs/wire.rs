//! Jobs on the wire.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    domain::{JobRecord, JobStatus, Timestamp},
    service::{JobPage, Submitted},
};

/// Where a job stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(super) struct JobView {
    /// The id, as its submitter chose it.
    job_id: String,
    /// pending, running, completed, failed or cancelled
    status: &'static str,
    /// What it asks for.
    operation: String,
    /// From 1 to 10; the higher, the more urgent.
    priority: u8,
    /// How often it was begun.
    attempts: u32,
    submitted_at: String,
    /// When it was begun first.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    /// When it ended, however it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
    /// When somebody asked for its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_requested_at: Option<String>,
    /// Who runs it, or ran it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_id: Option<String>,
    /// Why it did not end well, as a code, a colon and a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The project it was submitted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<String>,
    /// The user who submitted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

impl From<JobRecord> for JobView {
    fn from(record: JobRecord) -> Self {
        let JobRecord {
            entry: _,
            id,
            project,
            user_id,
            operation,
            status,
            priority,
            attempts,
            worker,
            error,
            submitted_at,
            started_at,
            ended_at,
            cancel_at,
        } = record;
        Self {
            job_id: id.to_string(),
            status: status.as_str(),
            operation,
            priority,
            attempts,
            submitted_at: submitted_at.in_seconds(),
            started_at: started_at.map(Timestamp::in_seconds),
            completed_at: ended_at.map(Timestamp::in_seconds),
            cancel_requested_at: cancel_at.map(Timestamp::in_seconds),
            worker_id: worker,
            error,
            project_id: project,
            user_id,
        }
    }
}

/// The document of a job's result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobResult, value_type = Object)]
pub(super) struct ResultView(Value);

impl From<Value> for ResultView {
    fn from(document: Value) -> Self {
        Self(document)
    }
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Jobs)]
pub(super) struct JobListView {
    /// The newest first.
    jobs: Vec<JobView>,
    /// How many jobs all pages have together; 100000 stands for more.
    total: u64,
    /// The marker of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<JobPage> for JobListView {
    fn from(page: JobPage) -> Self {
        let JobPage { jobs, total, next } = page;
        Self {
            jobs: jobs.into_iter().map(JobView::from).collect(),
            total,
            next: next.map(|marker| marker.to_string()),
        }
    }
}

/// What became of what was asked of a job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobAnswer)]
pub(super) struct AnswerView {
    job_id: String,
    /// Of a new job `submitted`, of any other where it stands.
    status: &'static str,
    /// The same for people.
    message: String,
}

impl AnswerView {
    pub(super) fn submitted(submitted: &Submitted) -> Self {
        let Submitted { job, is_new } = submitted;
        let (id, status) = (&job.id, job.status);
        Self {
            job_id: id.to_string(),
            status: if *is_new {
                "submitted"
            } else {
                status.as_str()
            },
            message: if *is_new {
                format!("Job {id} submitted successfully")
            } else {
                format!("Job {id} was submitted before; it is {status}")
            },
        }
    }

    pub(super) fn cancelled(job: &JobRecord) -> Self {
        let id = &job.id;
        Self {
            job_id: id.to_string(),
            status: job.status.as_str(),
            message: match job.status {
                JobStatus::Running => format!("Job {id} runs, and will be cancelled"),
                status => format!("Job {id} is {status}"),
            },
        }
    }
}
