//! The outbox: what other services are still to be told, and who relays it.

use sea_query::{Expr, ExprTrait as _, PostgresQueryBuilder, Query, SqliteQueryBuilder};
use sea_query_sqlx::SqlxBinder as _;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    db::{
        Db, DbError, Session, Transaction,
        rows::Cell,
        session::{Engine, execute, fetch_all, fetch_optional},
    },
    domain::{Notification, Timestamp},
};

/// A notification in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its place in the order; no two ever have the same.
    pub position: i64,
    /// The notification.
    pub notification: Notification,
}

#[derive(Debug, sqlx::FromRow)]
struct QueuedRow {
    position: i64,
    message_id: String,
    event_type: String,
    priority: String,
    payload: String,
    created_at: i64,
}

impl TryFrom<QueuedRow> for Queued {
    type Error = DbError;

    fn try_from(row: QueuedRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "notifications",
            row: &row.message_id,
        };
        Ok(Self {
            position: row.position,
            notification: Notification {
                message_id: cell.parse(&row.message_id)?,
                priority: cell.parse(&row.priority)?,
                created_at: Timestamp::from_micros(row.created_at),
                event_type: row.event_type,
                payload: row.payload,
            },
        })
    }
}

impl Db {
    /// Ends when a transaction of this process that put a notification into the outbox was
    /// committed, at once if that happened since the last call ended.
    pub async fn outbox_filled(&self) {
        self.outbox.notified().await;
    }
}

impl Transaction {
    /// Puts a notification at the end of the outbox. Once this transaction is committed, whoever
    /// waits by [`Db::outbox_filled`] is told.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.notifications.insert",
        skip_all, fields(event = notification.event_type), err(level = "debug")
    )]
    pub async fn insert_notification(
        &mut self,
        notification: &Notification,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO notifications (message_id, event_type, priority, payload, created_at)
            VALUES ($1, $2, $3, $4, $5)";
        execute!(
            self,
            SQL,
            notification.message_id.to_string(),
            notification.event_type.as_str(),
            notification.priority.as_str(),
            notification.payload.as_str(),
            notification.created_at.as_micros(),
        );
        self.fills_outbox();
        Ok(())
    }
}

impl Session {
    /// The oldest notifications: at most `limit`, and no more once their payloads have `bytes`
    /// characters; but always one, if there is one.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.notifications.list",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_notifications(
        &mut self,
        limit: u32,
        bytes: u32,
    ) -> Result<Vec<Queued>, DbError> {
        const SQL: &str = "
            SELECT position, message_id, event_type, priority, payload, created_at
              FROM (SELECT position, message_id, event_type, priority, payload, created_at,
                           SUM(LENGTH(payload)) OVER (ORDER BY position) - LENGTH(payload)
                               AS ahead
                      FROM (SELECT *
                              FROM notifications
                             ORDER BY position
                             LIMIT $1) AS oldest) AS measured
             WHERE ahead < $2
             ORDER BY position";
        fetch_all!(self, QueuedRow, SQL, i64::from(limit), i64::from(bytes))
            .into_iter()
            .map(Queued::try_from)
            .collect()
    }

    /// How many notifications wait.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.notifications.count",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_notifications(&mut self) -> Result<u64, DbError> {
        const SQL: &str = "
            SELECT COUNT(*)
              FROM notifications";
        let count = fetch_optional!(self, (i64,), SQL);
        Ok(count.map_or(0, |(count,)| count.unsigned_abs()))
    }

    /// Whether no notification waits.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.notifications.is_empty",
        skip_all,
        err(level = "debug")
    )]
    pub async fn outbox_is_empty(&mut self) -> Result<bool, DbError> {
        const SQL: &str = "
            SELECT position
              FROM notifications
             LIMIT 1";
        Ok(fetch_optional!(self, (i64,), SQL).is_none())
    }

    /// Removes notifications from the outbox.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.notifications.delete",
        skip_all, fields(count = positions.len()), err(level = "debug")
    )]
    pub async fn delete_notifications(&mut self, positions: &[i64]) -> Result<(), DbError> {
        let mut delete = Query::delete();
        delete
            .from_table("notifications")
            .and_where(Expr::col("position").is_in(positions.iter().copied()));
        match self.engine() {
            Engine::Postgres(connection) => {
                let (sql, values) = delete.build_sqlx(PostgresQueryBuilder);
                sqlx::query_with(AssertSqlSafe(sql), values)
                    .execute(connection)
                    .await?;
            }
            Engine::Sqlite(connection) => {
                let (sql, values) = delete.build_sqlx(SqliteQueryBuilder);
                sqlx::query_with(AssertSqlSafe(sql), values)
                    .execute(connection)
                    .await?;
            }
        }
        Ok(())
    }

    /// Makes `holder` the one who relays until `until`, and tells whether it is: unless another
    /// holds the relay at `now`. Others who ask wait until this transaction ends.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.notifications.hold_relay",
        skip_all, fields(%holder), err(level = "debug")
    )]
    pub async fn hold_relay(
        &mut self,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE notification_relay
               SET holder = $1, lease_until = $3
             WHERE holder = $1 OR lease_until < $2";
        let held = execute!(
            self,
            SQL,
            holder.to_string(),
            now.as_micros(),
            until.as_micros()
        );
        Ok(held > 0)
    }

    /// Lets another relay at once, if `holder` still holds the relay.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.notifications.release_relay",
        skip_all, fields(%holder), err(level = "debug")
    )]
    pub async fn release_relay(&mut self, holder: Uuid) -> Result<(), DbError> {
        const SQL: &str = "
            UPDATE notification_relay
               SET holder = '', lease_until = 0
             WHERE holder = $1";
        execute!(self, SQL, holder.to_string());
        Ok(())
    }
}
