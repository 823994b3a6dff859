//! Pages of jobs.

use super::row::JobRow;
use crate::{
    db::{
        DbError, Session,
        session::{fetch_all, fetch_optional},
    },
    domain::{JobQuery, JobRecord, JobStatus},
};

/// More jobs than this are not counted: a count reads them all.
const MOST_COUNTED: i64 = 100_000;

impl Session {
    /// A page of jobs, the newest first.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(level = "debug", name = "db.jobs.list", skip_all, err(level = "debug"))]
    pub async fn list_jobs(&mut self, query: &JobQuery) -> Result<Vec<JobRecord>, DbError> {
        const SQL: &str = "
            SELECT entry, project, id, user_id, operation, status, priority, attempts, worker,
                   error, submitted_at, started_at, ended_at, cancel_at
              FROM jobs
             WHERE (submitted_at, entry) < ($1, $2)
               AND ($3 IS NULL OR project = $3)
               AND ($4 IS NULL OR status = $4)
             ORDER BY submitted_at DESC, entry DESC
             LIMIT $5";
        let (before, entry) = query.marker.map_or((i64::MAX, String::new()), |marker| {
            (marker.submitted_at.as_micros(), marker.entry.to_string())
        });
        fetch_all!(
            self,
            JobRow,
            SQL,
            before,
            entry,
            query.project.as_deref(),
            query.status.map(JobStatus::as_str),
            i64::from(query.limit),
        )
        .into_iter()
        .map(JobRecord::try_from)
        .collect()
    }

    /// How many jobs all pages of `query` have together; of more than 100,000 no more are counted.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.jobs.count",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_jobs(&mut self, query: &JobQuery) -> Result<u64, DbError> {
        const SQL: &str = "
            SELECT COUNT(*)
              FROM (SELECT entry
                      FROM jobs
                     WHERE ($1 IS NULL OR project = $1)
                       AND ($2 IS NULL OR status = $2)
                     LIMIT $3) AS counted";
        let row = fetch_optional!(
            self,
            (i64,),
            SQL,
            query.project.as_deref(),
            query.status.map(JobStatus::as_str),
            MOST_COUNTED,
        );
        Ok(row.map_or(0, |(count,)| count.unsigned_abs()))
    }
}
