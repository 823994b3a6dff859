//! The rows of `jobs`.

use super::{NOBODYS, caller};
use crate::{
    db::{DbError, rows::Cell},
    domain::{ClaimedJob, JobRecord, Timestamp},
};

/// A row of `jobs`, without its document and its result.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct JobRow {
    entry: String,
    project: String,
    id: String,
    user_id: Option<String>,
    operation: String,
    status: String,
    priority: i64,
    attempts: i64,
    worker: Option<String>,
    error: Option<String>,
    submitted_at: i64,
    started_at: Option<i64>,
    ended_at: Option<i64>,
    cancel_at: Option<i64>,
}

impl TryFrom<JobRow> for JobRecord {
    type Error = DbError;

    fn try_from(row: JobRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "jobs",
            row: &row.entry,
        };
        Ok(Self {
            entry: cell.parse(&row.entry)?,
            id: cell.parse(&row.id)?,
            status: cell.parse(&row.status)?,
            priority: cell.number(row.priority)?,
            attempts: cell.number(row.attempts)?,
            submitted_at: Timestamp::from_micros(row.submitted_at),
            started_at: row.started_at.map(Timestamp::from_micros),
            ended_at: row.ended_at.map(Timestamp::from_micros),
            cancel_at: row.cancel_at.map(Timestamp::from_micros),
            project: Some(row.project).filter(|project| project != NOBODYS),
            user_id: row.user_id,
            operation: row.operation,
            worker: row.worker,
            error: row.error,
        })
    }
}

/// A row of `jobs` that somebody is about to run.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ClaimedRow {
    #[sqlx(flatten)]
    job: JobRow,
    document: String,
    key: Option<String>,
    caller: String,
}

impl TryFrom<ClaimedRow> for ClaimedJob {
    type Error = DbError;

    fn try_from(row: ClaimedRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "jobs",
            row: &row.job.entry,
        };
        Ok(Self {
            caller: caller::read(cell, &row.caller)?,
            record: row.job.try_into()?,
            document: row.document,
            key: row.key,
        })
    }
}
