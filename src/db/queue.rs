//! How much work waits, for who watches the registry.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{fetch_all, fetch_optional},
    },
    domain::{TaskKind, TaskStatus, Timestamp},
};

/// More waiting notifications than this are not counted: a count reads them all.
const MOST_COUNTED: i64 = 100_000;

/// Tasks of one kind that are not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedTasks {
    /// What they do.
    pub kind: TaskKind,
    /// Whether somebody has begun.
    pub status: TaskStatus,
    /// How many there are.
    pub count: u64,
    /// When the oldest of them was accepted.
    pub since: Timestamp,
}

#[derive(Debug, sqlx::FromRow)]
struct QueuedTasksRow {
    kind: String,
    status: String,
    count: i64,
    since: i64,
}

impl TryFrom<QueuedTasksRow> for QueuedTasks {
    type Error = DbError;

    fn try_from(row: QueuedTasksRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "tasks",
            row: &row.kind,
        };
        Ok(Self {
            kind: cell.parse(&row.kind)?,
            status: cell.parse(&row.status)?,
            count: row.count.unsigned_abs(),
            since: Timestamp::from_micros(row.since),
        })
    }
}

impl Session {
    /// The tasks that are not over, by their kind and status.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.queue.tasks",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_live_tasks(&mut self) -> Result<Vec<QueuedTasks>, DbError> {
        const SQL: &str = "
            SELECT kind, status, COUNT(*) AS count, MIN(created_at) AS since
              FROM tasks
             WHERE status IN ('pending', 'processing')
             GROUP BY kind, status";
        fetch_all!(self, QueuedTasksRow, SQL)
            .into_iter()
            .map(QueuedTasks::try_from)
            .collect()
    }

    /// How many notifications wait, and since when the oldest does; of more than 100,000 no more
    /// are counted.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.queue.notifications",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_outbox(&mut self) -> Result<(u64, Option<Timestamp>), DbError> {
        const SQL: &str = "
            SELECT COUNT(*) AS count, MIN(created_at) AS since
              FROM (SELECT created_at
                      FROM notifications
                     ORDER BY position
                     LIMIT $1) AS waiting";
        let row = fetch_optional!(self, (i64, Option<i64>), SQL, MOST_COUNTED);
        let (count, since) = row.unwrap_or((0, None));
        Ok((count.unsigned_abs(), since.map(Timestamp::from_micros)))
    }
}
