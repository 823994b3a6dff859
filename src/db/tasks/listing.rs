//! Lists of tasks, over all images.

use sea_query::{
    Expr, ExprTrait as _, Order, PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder,
    Value,
};
use sea_query_sqlx::SqlxBinder as _;
use sqlx::AssertSqlSafe;

use super::row::TaskRow;
use crate::{
    db::{DbError, Session, session::Engine},
    domain::{Direction, Task, TaskField, TaskQuery, Timestamp},
};

/// The columns of a task's row.
const COLUMNS: [&str; 13] = [
    "id",
    "kind",
    "status",
    "image_id",
    "owner",
    "user_id",
    "request_id",
    "input",
    "message",
    "attempts",
    "created_at",
    "updated_at",
    "expires_at",
];

impl Session {
    /// The next page of the tasks that `query` asks for and whose time is not over at `now`: of
    /// the project `owner`, or of all. It begins after `marker`, whose own values count.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.tasks.page",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_tasks(
        &mut self,
        owner: Option<&str>,
        query: &TaskQuery,
        marker: Option<&Task>,
        now: Timestamp,
    ) -> Result<Vec<Task>, DbError> {
        let page = page(owner, query, marker, now);
        let rows: Vec<TaskRow> = match self.engine() {
            Engine::Postgres(connection) => {
                let (sql, values) = page.build_sqlx(PostgresQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_all(connection)
                    .await?
            }
            Engine::Sqlite(connection) => {
                let (sql, values) = page.build_sqlx(SqliteQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_all(connection)
                    .await?
            }
        };
        rows.into_iter().map(Task::try_from).collect()
    }
}

fn page(
    owner: Option<&str>,
    query: &TaskQuery,
    marker: Option<&Task>,
    now: Timestamp,
) -> SelectStatement {
    let mut page = Query::select();
    let expiry = Expr::col("expires_at");
    page.columns(COLUMNS)
        .from("tasks")
        .and_where(expiry.clone().is_null().or(expiry.gt(now.as_micros())))
        .and_where_option(owner.map(|owner| Expr::col("owner").eq(owner)));
    if let Some(kind) = query.filter.kind {
        page.and_where(Expr::col("kind").eq(kind.as_str()));
    }
    if let Some(status) = query.filter.status {
        page.and_where(Expr::col("status").eq(status.as_str()));
    }
    let keys = keys(query.field);
    if let Some(marker) = marker {
        page.and_where(after(&keys, query.direction, marker));
    }
    let order = match query.direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    for field in keys {
        page.order_by_expr(column(field), order.clone());
    }
    page.limit(query.limit.into());
    page
}

/// What the list is ordered by, ended so that no two tasks are equal.
fn keys(field: TaskField) -> Vec<TaskField> {
    let mut keys = vec![field];
    let ties = [TaskField::CreatedAt, TaskField::Id];
    keys.extend(ties.into_iter().filter(|tie| *tie != field));
    keys
}

/// Whether a task comes after `marker`.
fn after(keys: &[TaskField], direction: Direction, marker: &Task) -> Expr {
    let Some((field, others)) = keys.split_first() else {
        return Expr::value(false);
    };
    let (column, at) = (column(*field), of(*field, marker));
    let beyond = match direction {
        Direction::Ascending => column.clone().gt(at.clone()),
        Direction::Descending => column.clone().lt(at.clone()),
    };
    beyond.or(column.eq(at).and(after(others, direction, marker)))
}

/// What is compared: the column, with null as the empty text or zero.
fn column(field: TaskField) -> Expr {
    match field {
        TaskField::Id => Expr::col("id"),
        TaskField::Kind => Expr::col("kind"),
        TaskField::Status => Expr::col("status"),
        TaskField::Owner => Expr::cust("COALESCE(owner, '')"),
        TaskField::CreatedAt => Expr::col("created_at"),
        TaskField::UpdatedAt => Expr::col("updated_at"),
        TaskField::ExpiresAt => Expr::cust("COALESCE(expires_at, 0)"),
    }
}

/// The value of the marker that is compared.
fn of(field: TaskField, marker: &Task) -> Value {
    match field {
        TaskField::Id => marker.id.to_string().into(),
        TaskField::Kind => marker.kind.as_str().into(),
        TaskField::Status => marker.status.as_str().into(),
        TaskField::Owner => marker.owner.clone().unwrap_or_default().into(),
        TaskField::CreatedAt => marker.created_at.as_micros().into(),
        TaskField::UpdatedAt => marker.updated_at.as_micros().into(),
        TaskField::ExpiresAt => marker.expires_at.map_or(0, Timestamp::as_micros).into(),
    }
}
