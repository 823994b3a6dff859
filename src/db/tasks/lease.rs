//! The lease of a task: one holder at a time works on it, and says how it ends.

use uuid::Uuid;

use crate::{
    db::{
        DbError, Session,
        session::{execute, fetch_optional},
        tasks::row::TaskRow,
    },
    domain::{Task, TaskId, TaskStatus, Timestamp},
};

/// How a task ended.
#[derive(Debug, Clone, Copy)]
pub struct TaskEnd<'a> {
    /// Success or failure.
    pub status: TaskStatus,
    /// What the owner is told.
    pub message: &'a str,
    /// The time.
    pub at: Timestamp,
    /// When the record of the task goes.
    pub expires_at: Timestamp,
}

impl Session {
    /// Takes the oldest task that nobody works on: one that waits, or one whose lease ended
    /// before `now`. One whose bytes are staged in a staging area that not all nodes have is for
    /// who has it, which is `area`. Of several who try at once, each gets another task or none.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.tasks.claim",
        skip_all, fields(%holder), err(level = "debug")
    )]
    pub async fn claim_task(
        &mut self,
        holder: Uuid,
        area: Option<Uuid>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Task>, DbError> {
        let sql = self.statements().claim_task;
        let area = area.map(|area| area.to_string());
        fetch_optional!(
            self,
            TaskRow,
            sql,
            now.as_micros(),
            holder.to_string(),
            until.as_micros(),
            area.unwrap_or_default(),
        )
        .map(Task::try_from)
        .transpose()
    }

    /// Takes the oldest task that nobody works on and whose bytes are staged in a staging area that
    /// is not known (any more): to end it, for nobody can run it. Of several who try at once, one
    /// gets it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.tasks.claim_stranded",
        skip_all, fields(%holder), err(level = "debug")
    )]
    pub async fn claim_stranded_task(
        &mut self,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Task>, DbError> {
        // What makes it free is asked again at the end: somebody may have taken it meanwhile.
        const SQL: &str = "
            UPDATE tasks
               SET status = 'processing', holder = $2, lease_until = $3, updated_at = $1,
                   attempts = attempts + 1
             WHERE id = (SELECT id
                           FROM tasks
                          WHERE status IN ('pending', 'processing')
                            AND (status = 'pending' OR lease_until < $1)
                            AND EXISTS (SELECT 1
                                          FROM images
                                         WHERE images.id = tasks.image_id
                                           AND images.staged_in IS NOT NULL
                                           AND NOT EXISTS (SELECT 1
                                                             FROM staging_areas
                                                            WHERE staging_areas.id
                                                                  = images.staged_in))
                          ORDER BY created_at, id
                          LIMIT 1)
               AND (status = 'pending' OR lease_until < $1)
               AND NOT EXISTS (SELECT 1
                                 FROM images
                                 JOIN staging_areas ON staging_areas.id = images.staged_in
                                WHERE images.id = tasks.image_id)
         RETURNING id, kind, status, image_id, owner, user_id, request_id, input,
                   message, attempts, created_at, updated_at, expires_at";
        fetch_optional!(
            self,
            TaskRow,
            SQL,
            now.as_micros(),
            holder.to_string(),
            until.as_micros(),
        )
        .map(Task::try_from)
        .transpose()
    }

    /// Moves the end of the lease, and tells whether `holder` still has the task and its image
    /// is still there.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.tasks.renew",
        skip_all, fields(task.id = %id, %holder), err(level = "debug")
    )]
    pub async fn renew_task(
        &mut self,
        id: TaskId,
        holder: Uuid,
        until: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE tasks
               SET lease_until = $3
             WHERE id = $1 AND holder = $2
               AND EXISTS (SELECT 1
                             FROM images
                            WHERE id = image_id AND status <> 'deleted')";
        let renewed = execute!(
            self,
            SQL,
            id.to_string(),
            holder.to_string(),
            until.as_micros()
        );
        Ok(renewed > 0)
    }

    /// Notes progress for the owner to read, and tells whether `holder` still has the task.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.tasks.note",
        skip_all, fields(task.id = %id, %holder), err(level = "debug")
    )]
    pub async fn note_task(
        &mut self,
        id: TaskId,
        holder: Uuid,
        message: &str,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE tasks
               SET message = $3, updated_at = $4
             WHERE id = $1 AND holder = $2";
        let noted = execute!(
            self,
            SQL,
            id.to_string(),
            holder.to_string(),
            message,
            at.as_micros()
        );
        Ok(noted > 0)
    }

    /// Gives the task back for others to take at once, as if it had not been begun, and tells
    /// whether `holder` still had it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.tasks.release",
        skip_all, fields(task.id = %id, %holder), err(level = "debug")
    )]
    pub async fn release_task(
        &mut self,
        id: TaskId,
        holder: Uuid,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE tasks
               SET status = 'pending', holder = NULL, lease_until = NULL, updated_at = $3,
                   attempts = attempts - 1
             WHERE id = $1 AND holder = $2";
        let released = execute!(
            self,
            SQL,
            id.to_string(),
            holder.to_string(),
            at.as_micros()
        );
        Ok(released > 0)
    }

    /// Ends the task, and tells whether `holder` still had it.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if `end` says `processing`.
    #[tracing::instrument(
        level = "debug", name = "db.tasks.finish",
        skip_all, fields(task.id = %id, %holder, to = %end.status), err(level = "debug")
    )]
    pub async fn finish_task(
        &mut self,
        id: TaskId,
        holder: Uuid,
        end: &TaskEnd<'_>,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE tasks
               SET status = $3, message = $4, updated_at = $5, expires_at = $6,
                   holder = NULL, lease_until = NULL
             WHERE id = $1 AND holder = $2";
        let finished = execute!(
            self,
            SQL,
            id.to_string(),
            holder.to_string(),
            end.status.as_str(),
            end.message,
            end.at.as_micros(),
            end.expires_at.as_micros(),
        );
        Ok(finished > 0)
    }
}
