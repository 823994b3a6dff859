//! Lists of images.
//!
//! What a viewer may see has up to four parts (its own, the public ones, …). As one condition
//! with `OR` no index serves it, so each part is a query of its own that walks an index in the
//! order of the list and stops after a page; the parts, which do not overlap, are then merged.
//! A page so costs the same whether there are a hundred images or a hundred thousand.

mod filter;
mod order;
mod scope;
mod term;

use sea_query::{
    Asterisk, Condition, Expr, PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder,
    UnionType,
};
use sea_query_sqlx::SqlxBinder as _;
use sqlx::AssertSqlSafe;

use crate::{
    db::{DbError, Session, rows::ImageRow, session::Engine},
    domain::{Image, ImageQuery, Viewer},
};

/// The columns of an image's row.
const COLUMNS: [&str; 18] = [
    "id",
    "name",
    "disk_format",
    "container_format",
    "visibility",
    "status",
    "owner",
    "size",
    "virtual_size",
    "checksum",
    "os_hash_algo",
    "os_hash_value",
    "min_disk",
    "min_ram",
    "protected",
    "os_hidden",
    "created_at",
    "updated_at",
];

impl Session {
    /// The next page of the images that `viewer` sees and `query` asks for, each with all that
    /// belongs to it. It begins after `marker`, whose own values count, so a page is right also
    /// if the marker has changed or gone since. The keys of `query.sort` must tell any two
    /// images apart, or images that are equal under them are left out between pages.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.images.list",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_images(
        &mut self,
        viewer: &Viewer,
        query: &ImageQuery,
        marker: Option<&Image>,
    ) -> Result<Vec<Image>, DbError> {
        let terms = self.terms(&query.filter).await?;
        let Some(page) = page(viewer, query, marker, &terms) else {
            return Ok(Vec::new());
        };
        let rows: Vec<ImageRow> = match self.engine() {
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
        let mut images = rows
            .into_iter()
            .map(Image::try_from)
            .collect::<Result<Vec<_>, _>>()?;
        self.complete(&mut images).await?;
        Ok(images)
    }
}

/// The query of a page, unless the page is empty beforehand.
fn page(
    viewer: &Viewer,
    query: &ImageQuery,
    marker: Option<&Image>,
    terms: &[Expr],
) -> Option<SelectStatement> {
    if query.limit == 0 {
        return None;
    }
    let mut parts = scope::parts(viewer, &query.filter)
        .into_iter()
        .map(|seen| part(seen, query, marker, terms));
    let first = parts.next()?;
    let others: Vec<_> = parts.map(|part| (UnionType::All, nested(part))).collect();
    if others.is_empty() {
        return Some(first);
    }
    let mut union = nested(first);
    union.unions(others);
    let mut page = Query::select();
    page.columns(COLUMNS).from_subquery(union, "images");
    order::sort(&mut page, &query.sort);
    page.limit(query.limit.into());
    Some(page)
}

/// The page as it would be if the viewer saw this part only.
fn part(
    seen: Condition,
    query: &ImageQuery,
    marker: Option<&Image>,
    terms: &[Expr],
) -> SelectStatement {
    let mut part = Query::select();
    part.columns(COLUMNS)
        .from("images")
        .cond_where(seen)
        .cond_where(filter::condition(&query.filter));
    for term in terms {
        part.and_where(term.clone());
    }
    if let Some(marker) = marker {
        part.and_where(order::after(&query.sort, marker));
    }
    order::sort(&mut part, &query.sort);
    part.limit(query.limit.into());
    part
}

/// A member of a union may have no order and no limit of its own, unless it is nested.
fn nested(part: SelectStatement) -> SelectStatement {
    let mut nested = Query::select();
    nested.column(Asterisk).from_subquery(part, "part");
    nested
}
