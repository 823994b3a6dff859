//! The lease of a job: one holder at a time runs it, and says how it ends.

use uuid::Uuid;

use super::row::ClaimedRow;
use crate::{
    db::{
        DbError, Lease, Session,
        session::{execute, fetch_optional},
    },
    domain::{ClaimedJob, JobEnd, Timestamp},
};

/// What a holder learns when it renews its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobLease {
    /// The job is its own still.
    Held,
    /// So it is, and somebody asked for its end.
    ToCancel,
    /// Another has it, or nobody wants it any more.
    Lost,
}

impl Session {
    /// Takes the most urgent job that may be run by `worker` of `pool`. A job whose lease ended
    /// waits again, and one whose deadline is over is anybody's. Of several who try at once, each
    /// gets another job or none.
    ///
    /// Call it within a transaction that has locked the jobs.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.jobs.claim",
        skip_all, fields(holder = %lease.holder), err(level = "debug")
    )]
    pub async fn claim_job(
        &mut self,
        lease: Lease,
        worker: &str,
        pool: Option<&str>,
    ) -> Result<Option<ClaimedJob>, DbError> {
        const LEFT: &str = "
            UPDATE jobs
               SET status = 'pending', holder = NULL, lease_until = NULL
             WHERE status = 'running' AND lease_until < $1";
        const SQL: &str = "
            UPDATE jobs
               SET status = 'running', holder = $2, lease_until = $3, worker = $4,
                   started_at = COALESCE(started_at, $1)
             WHERE entry = (SELECT entry
                              FROM jobs AS next
                             WHERE status = 'pending'
                               AND (deadline <= $1
                                    OR ((only_worker IS NULL OR only_worker = $4)
                                        AND (is_pooled = 0
                                             OR EXISTS (SELECT 1
                                                          FROM job_pools AS pools
                                                         WHERE pools.entry = next.entry
                                                           AND pools.pool = $5))))
                               AND NOT EXISTS (SELECT 1
                                                 FROM jobs AS twin
                                                WHERE twin.project = next.project
                                                  AND twin.key = next.key
                                                  AND twin.status = 'running')
                               AND NOT EXISTS (SELECT 1
                                                 FROM job_avoided AS avoided
                                                 JOIN jobs AS other
                                                   ON other.project = next.project
                                                  AND other.id = avoided.id
                                                WHERE avoided.entry = next.entry
                                                  AND other.status = 'running')
                             ORDER BY priority DESC, created_at, submitted_at, entry
                             LIMIT 1)
         RETURNING entry, project, id, user_id, operation, status, priority, attempts, worker,
                   error, submitted_at, started_at, ended_at, cancel_at, document, key, caller";
        execute!(self, LEFT, lease.now.as_micros());
        fetch_optional!(
            self,
            ClaimedRow,
            SQL,
            lease.now.as_micros(),
            lease.holder.to_string(),
            lease.until.as_micros(),
            worker,
            pool,
        )
        .map(ClaimedJob::try_from)
        .transpose()
    }

    /// Moves the end of the lease, and tells what became of the job.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.jobs.renew",
        skip_all, fields(job.entry = %entry, %holder), err(level = "debug")
    )]
    pub async fn renew_job(
        &mut self,
        entry: Uuid,
        holder: Uuid,
        until: Timestamp,
    ) -> Result<JobLease, DbError> {
        const SQL: &str = "
            UPDATE jobs
               SET lease_until = $3
             WHERE entry = $1 AND holder = $2
         RETURNING cancel_at";
        let renewed = fetch_optional!(
            self,
            (Option<i64>,),
            SQL,
            entry.to_string(),
            holder.to_string(),
            until.as_micros(),
        );
        Ok(match renewed {
            None => JobLease::Lost,
            Some((None,)) => JobLease::Held,
            Some((Some(_),)) => JobLease::ToCancel,
        })
    }

    /// Notes how often the job was begun, and tells whether `holder` still has it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.jobs.note",
        skip_all, fields(job.entry = %entry, %holder), err(level = "debug")
    )]
    pub async fn note_job_attempts(
        &mut self,
        entry: Uuid,
        holder: Uuid,
        attempts: u32,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE jobs
               SET attempts = $3
             WHERE entry = $1 AND holder = $2";
        let noted = execute!(
            self,
            SQL,
            entry.to_string(),
            holder.to_string(),
            i64::from(attempts),
        );
        Ok(noted > 0)
    }

    /// Gives the job back for others to take at once, and tells whether `holder` still had it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.jobs.release",
        skip_all, fields(job.entry = %entry, %holder), err(level = "debug")
    )]
    pub async fn release_job(&mut self, entry: Uuid, holder: Uuid) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE jobs
               SET status = 'pending', holder = NULL, lease_until = NULL
             WHERE entry = $1 AND holder = $2";
        let released = execute!(self, SQL, entry.to_string(), holder.to_string());
        Ok(released > 0)
    }

    /// Ends the job, and tells whether `holder` still had it.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if `end` says that the job waits or runs.
    #[tracing::instrument(
        level = "debug", name = "db.jobs.finish",
        skip_all, fields(job.entry = %entry, %holder, to = %end.status), err(level = "debug")
    )]
    pub async fn finish_job(
        &mut self,
        entry: Uuid,
        holder: Uuid,
        end: &JobEnd<'_>,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE jobs
               SET status = $3, result = $4, error = $5, is_final = $6, worker = $7,
                   ended_at = $8, expires_at = $9, holder = NULL, lease_until = NULL
             WHERE entry = $1 AND holder = $2";
        let ended = execute!(
            self,
            SQL,
            entry.to_string(),
            holder.to_string(),
            end.status.as_str(),
            end.result,
            end.error,
            i64::from(end.is_final),
            end.worker,
            end.at.as_micros(),
            end.expires_at.as_micros(),
        );
        Ok(ended > 0)
    }

    /// Ends a job that waits, and tells whether it did.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if `end` says that the job waits or runs.
    #[tracing::instrument(
        level = "debug", name = "db.jobs.end_waiting",
        skip_all, fields(job.entry = %entry, to = %end.status), err(level = "debug")
    )]
    pub async fn end_waiting_job(
        &mut self,
        entry: Uuid,
        end: &JobEnd<'_>,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE jobs
               SET status = $2, result = $3, error = $4, is_final = $5, ended_at = $6,
                   expires_at = $7, cancel_at = $6
             WHERE entry = $1 AND status = 'pending'";
        let ended = execute!(
            self,
            SQL,
            entry.to_string(),
            end.status.as_str(),
            end.result,
            end.error,
            i64::from(end.is_final),
            end.at.as_micros(),
            end.expires_at.as_micros(),
        );
        Ok(ended > 0)
    }

    /// Asks whoever runs the job for its end, and tells whether anybody does.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.jobs.ask_cancel",
        skip_all, fields(job.entry = %entry), err(level = "debug")
    )]
    pub async fn ask_job_cancel(&mut self, entry: Uuid, at: Timestamp) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE jobs
               SET cancel_at = COALESCE(cancel_at, $2)
             WHERE entry = $1 AND status = 'running'";
        let asked = execute!(self, SQL, entry.to_string(), at.as_micros());
        Ok(asked > 0)
    }
}
