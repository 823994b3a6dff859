//! Tasks: the imports and their records.

mod lease;
mod listing;
mod row;

pub use self::lease::TaskEnd;
use self::row::{TaskRow, input};
use crate::{
    db::{
        DbError, Session,
        session::{execute, fetch_all, fetch_optional},
    },
    domain::{ImageId, Task, TaskId, Timestamp},
};

impl Session {
    /// Inserts a task.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if the image has another task that is not over, or if the id is taken;
    /// [`DbError::Refused`] if there is no such image.
    #[tracing::instrument(
        level = "debug", name = "db.tasks.insert",
        skip_all, fields(task.id = %task.id, image.id = %task.image_id), err(level = "debug")
    )]
    pub async fn insert_task(&mut self, task: &Task) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO tasks (id, kind, status, image_id, owner, user_id, request_id, input,
                               message, attempts, created_at, updated_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                ON CONFLICT DO NOTHING";
        let inserted = execute!(
            self,
            SQL,
            task.id.to_string(),
            task.kind.as_str(),
            task.status.as_str(),
            task.image_id.as_str(),
            task.owner.as_deref(),
            task.user_id.as_deref(),
            task.request_id.as_str(),
            input(task),
            task.message.as_str(),
            i64::from(task.attempts),
            task.created_at.as_micros(),
            task.updated_at.as_micros(),
            task.expires_at.map(Timestamp::as_micros),
        );
        if inserted == 0 {
            return Err(DbError::Taken {
                what: "the image's place for a task",
            });
        }
        Ok(())
    }

    /// The task of this id.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.tasks.find",
        skip_all, fields(task.id = %id), err(level = "debug")
    )]
    pub async fn find_task(&mut self, id: TaskId) -> Result<Option<Task>, DbError> {
        const SQL: &str = "
            SELECT id, kind, status, image_id, owner, user_id, request_id, input,
                   message, attempts, created_at, updated_at, expires_at
              FROM tasks
             WHERE id = $1";
        fetch_optional!(self, TaskRow, SQL, id.to_string())
            .map(Task::try_from)
            .transpose()
    }

    /// The last `limit` tasks of an image, the newest first.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.tasks.list",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn list_image_tasks(
        &mut self,
        id: ImageId,
        limit: u32,
    ) -> Result<Vec<Task>, DbError> {
        const SQL: &str = "
            SELECT id, kind, status, image_id, owner, user_id, request_id, input,
                   message, attempts, created_at, updated_at, expires_at
              FROM tasks
             WHERE image_id = $1
             ORDER BY created_at DESC, id DESC
             LIMIT $2";
        fetch_all!(self, TaskRow, SQL, id.as_str(), i64::from(limit))
            .into_iter()
            .map(Task::try_from)
            .collect()
    }

    /// The task of the image that is not over, of which there is one at most.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.tasks.live",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn live_task(&mut self, id: ImageId) -> Result<Option<Task>, DbError> {
        const SQL: &str = "
            SELECT id, kind, status, image_id, owner, user_id, request_id, input,
                   message, attempts, created_at, updated_at, expires_at
              FROM tasks
             WHERE image_id = $1 AND status IN ('pending', 'processing')";
        fetch_optional!(self, TaskRow, SQL, id.as_str())
            .map(Task::try_from)
            .transpose()
    }

    /// Deletes the records of tasks whose time came by `now`, at most `limit` of them, and gives
    /// what they were, in no order.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.tasks.delete_expired",
        skip_all,
        err(level = "debug")
    )]
    pub async fn delete_expired_tasks(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Task>, DbError> {
        const SQL: &str = "
            DELETE FROM tasks
             WHERE id IN (SELECT id
                            FROM tasks
                           WHERE expires_at <= $1 AND status IN ('success', 'failure')
                           LIMIT $2)
         RETURNING id, kind, status, image_id, owner, user_id, request_id, input,
                   message, attempts, created_at, updated_at, expires_at";
        fetch_all!(self, TaskRow, SQL, now.as_micros(), i64::from(limit))
            .into_iter()
            .map(Task::try_from)
            .collect()
    }
}
