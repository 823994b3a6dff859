//! Verification jobs: what was submitted, and what is known of it.

mod caller;
mod lease;
mod list;
mod row;

use uuid::Uuid;

pub use self::lease::JobLease;
use self::row::JobRow;
use crate::{
    db::{
        DbError, Session,
        session::{execute, fetch_all, fetch_optional},
    },
    domain::{JobId, JobRecord, NewJob, Timestamp},
};

/// What stands for the project of who has none.
const NOBODYS: &str = "";

/// The column of a project.
fn column(project: Option<&str>) -> &str {
    project.unwrap_or(NOBODYS)
}

impl Session {
    /// Keeps others from submitting, beginning and cancelling jobs until the transaction ends.
    ///
    /// Whether a job may begin depends on those that run, and whether one may be submitted on
    /// those that wait.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(level = "debug", name = "db.jobs.lock", skip_all, err(level = "debug"))]
    pub async fn lock_jobs(&mut self) -> Result<(), DbError> {
        let sql = self.statements().lock_jobs;
        execute!(self, sql);
        Ok(())
    }

    /// How many jobs wait.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.jobs.count_waiting",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_waiting_jobs(&mut self) -> Result<u64, DbError> {
        const SQL: &str = "
            SELECT COUNT(*)
              FROM jobs
             WHERE status = 'pending'";
        let row = fetch_optional!(self, (i64,), SQL);
        Ok(row.map_or(0, |(count,)| count.unsigned_abs()))
    }

    /// Inserts a job, which waits.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if its project has a job of the same id.
    #[tracing::instrument(
        level = "debug", name = "db.jobs.insert",
        skip_all, fields(job.id = %job.id), err(level = "debug")
    )]
    pub async fn insert_job(&mut self, job: &NewJob) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO jobs (entry, project, id, user_id, caller, document, operation, status,
                              priority, created_at, submitted_at, deadline, only_worker,
                              is_pooled, key, attempts, is_final)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9, $10, $11, $12, $13, $14, 0, 0)
                ON CONFLICT DO NOTHING";
        const POOL: &str = "
            INSERT INTO job_pools (entry, pool)
            VALUES ($1, $2)
                ON CONFLICT DO NOTHING";
        const AVOIDED: &str = "
            INSERT INTO job_avoided (entry, id)
            VALUES ($1, $2)
                ON CONFLICT DO NOTHING";
        let entry = job.entry.to_string();
        let inserted = execute!(
            self,
            SQL,
            entry.as_str(),
            column(job.caller.project_id.as_deref()),
            job.id.as_str(),
            job.caller.user_id.as_deref(),
            caller::written(&job.caller),
            job.document.as_str(),
            job.operation.as_str(),
            i64::from(job.priority),
            job.created_at.as_micros(),
            job.submitted_at.as_micros(),
            job.deadline.map(Timestamp::as_micros),
            job.worker.as_deref(),
            i64::from(job.pools.is_some()),
            job.key.as_deref(),
        );
        if inserted == 0 {
            return Err(DbError::Taken {
                what: "the id of the job",
            });
        }
        for pool in job.pools.iter().flatten() {
            execute!(self, POOL, entry.as_str(), pool.as_str());
        }
        for id in &job.not_beside {
            execute!(self, AVOIDED, entry.as_str(), id.as_str());
        }
        Ok(())
    }

    /// The job `id` of a project.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.jobs.find",
        skip_all, fields(job.id = %id), err(level = "debug")
    )]
    pub async fn find_job(
        &mut self,
        project: Option<&str>,
        id: &JobId,
    ) -> Result<Option<JobRecord>, DbError> {
        const SQL: &str = "
            SELECT entry, project, id, user_id, operation, status, priority, attempts, worker,
                   error, submitted_at, started_at, ended_at, cancel_at
              FROM jobs
             WHERE project = $1 AND id = $2";
        fetch_optional!(self, JobRow, SQL, column(project), id.as_str())
            .map(JobRecord::try_from)
            .transpose()
    }

    /// The job `id` that was submitted last, by whatever project.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.jobs.find_any",
        skip_all, fields(job.id = %id), err(level = "debug")
    )]
    pub async fn find_any_job(&mut self, id: &JobId) -> Result<Option<JobRecord>, DbError> {
        const SQL: &str = "
            SELECT entry, project, id, user_id, operation, status, priority, attempts, worker,
                   error, submitted_at, started_at, ended_at, cancel_at
              FROM jobs
             WHERE id = $1
             ORDER BY submitted_at DESC
             LIMIT 1";
        fetch_optional!(self, JobRow, SQL, id.as_str())
            .map(JobRecord::try_from)
            .transpose()
    }

    /// The document of a job.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.jobs.document",
        skip_all, fields(job.entry = %entry), err(level = "debug")
    )]
    pub async fn find_job_document(&mut self, entry: Uuid) -> Result<Option<String>, DbError> {
        const SQL: &str = "
            SELECT document
              FROM jobs
             WHERE entry = $1";
        let row = fetch_optional!(self, (String,), SQL, entry.to_string());
        Ok(row.map(|(document,)| document))
    }

    /// The document of a job's result, if it has ended.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.jobs.result",
        skip_all, fields(job.entry = %entry), err(level = "debug")
    )]
    pub async fn find_job_result(&mut self, entry: Uuid) -> Result<Option<String>, DbError> {
        const SQL: &str = "
            SELECT result
              FROM jobs
             WHERE entry = $1 AND result IS NOT NULL";
        let row = fetch_optional!(self, (String,), SQL, entry.to_string());
        Ok(row.map(|(result,)| result))
    }

    /// The result that every job of the project with this key has.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.jobs.find_final",
        skip_all,
        err(level = "debug")
    )]
    pub async fn find_final_result(
        &mut self,
        project: Option<&str>,
        key: &str,
    ) -> Result<Option<String>, DbError> {
        const SQL: &str = "
            SELECT result
              FROM jobs
             WHERE project = $1 AND key = $2 AND is_final = 1
             ORDER BY ended_at
             LIMIT 1";
        let row = fetch_optional!(self, (String,), SQL, column(project), key);
        Ok(row.map(|(result,)| result))
    }

    /// Removes jobs and results whose time came by `now`, at most `limit` of them; tells how many.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.jobs.delete_expired",
        skip_all,
        err(level = "debug")
    )]
    pub async fn delete_expired_jobs(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<usize, DbError> {
        const SQL: &str = "
            DELETE FROM jobs
             WHERE entry IN (SELECT entry
                               FROM jobs
                              WHERE expires_at <= $1
                              LIMIT $2)
         RETURNING id";
        let gone = fetch_all!(self, (String,), SQL, now.as_micros(), i64::from(limit));
        Ok(gone.len())
    }
}
