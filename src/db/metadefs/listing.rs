//! Lists of namespaces, objects and tags, page by page.

use sea_query::{
    Cond, Condition, Expr, ExprTrait as _, Order, PostgresQueryBuilder, Query, SelectStatement,
    SqliteQueryBuilder, Value,
};
use sea_query_sqlx::SqlxBinder as _;
use sqlx::AssertSqlSafe;

use super::{namespaces::NamespaceRow, objects::ObjectRow, tags::TagRow};
use crate::{
    db::{DbError, Session, session::Engine},
    domain::{
        Direction, Viewer,
        metadef::{
            Dated, ItemField, ItemQuery, Name, Namespace, NamespaceField, NamespaceQuery, Object,
            Sort, Visibility,
        },
    },
};

/// Runs a query that was built, and makes things of its rows.
macro_rules! fetch_built {
    ($session:expr, $row:ty, $select:expr) => {{
        let rows: Vec<$row> = match $session.engine() {
            Engine::Postgres(connection) => {
                let (sql, values) = $select.build_sqlx(PostgresQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_all(connection)
                    .await?
            }
            Engine::Sqlite(connection) => {
                let (sql, values) = $select.build_sqlx(SqliteQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_all(connection)
                    .await?
            }
        };
        rows.into_iter().map(TryInto::try_into).collect()
    }};
}

impl Session {
    /// The next page of the namespaces that `viewer` sees and `query` asks for. It begins after
    /// `marker`, whose own values count.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.metadef_namespaces.list",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_namespaces(
        &mut self,
        viewer: &Viewer,
        query: &NamespaceQuery,
        marker: Option<&Dated<Namespace>>,
    ) -> Result<Vec<Dated<Namespace>>, DbError> {
        let mut select = Query::select();
        select
            .columns([
                "name",
                "display_name",
                "description",
                "visibility",
                "protected",
                "owner",
                "created_at",
                "updated_at",
            ])
            .from("metadef_namespaces")
            .cond_where(seen(viewer))
            .cond_where(asked(query));
        let field = query.sort.field;
        let after = marker.map(|marker| (namespace_value(field, marker), &marker.what.name));
        turn_to(
            &mut select,
            namespace_key(field),
            query.sort.direction,
            after,
        );
        select.limit(query.limit.into());
        fetch_built!(self, NamespaceRow, select)
    }

    /// The next page of the objects of a namespace, after `marker`.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_objects.list",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn list_metadef_objects(
        &mut self,
        namespace: &Name,
        query: &ItemQuery,
        marker: Option<&Dated<Name>>,
    ) -> Result<Vec<Dated<Object>>, DbError> {
        let mut select = items("metadef_objects", namespace, query, marker);
        select.columns(["description", "required", "properties"]);
        fetch_built!(self, ObjectRow, select)
    }

    /// The next page of the tags of a namespace, after `marker`.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_tags.list",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn list_metadef_tags(
        &mut self,
        namespace: &Name,
        query: &ItemQuery,
        marker: Option<&Dated<Name>>,
    ) -> Result<Vec<Dated<Name>>, DbError> {
        let select = items("metadef_tags", namespace, query, marker);
        fetch_built!(self, TagRow, select)
    }
}

/// What `viewer` may see.
fn seen(viewer: &Viewer) -> Condition {
    let public = || Expr::col("visibility").eq("public");
    match viewer {
        Viewer::Admin(_) => Cond::all(),
        Viewer::Project(project) => Cond::any()
            .add(Expr::col("owner").eq(project))
            .add(public()),
        Viewer::Nobody => Cond::all().add(public()),
    }
}

/// What the namespaces of a list have in common.
fn asked(query: &NamespaceQuery) -> Condition {
    let visibility = query.visibility.map(Visibility::as_str);
    let of_types = |types: &Vec<String>| {
        let mut namespaces = Query::select();
        namespaces
            .column("namespace")
            .from("metadef_associations")
            .and_where(Expr::col("resource_type").is_in(types));
        Expr::col("name").in_subquery(namespaces)
    };
    Cond::all()
        .add_option(visibility.map(|word| Expr::col("visibility").eq(word)))
        .add_option(query.protected.map(|flag| Expr::col("protected").eq(flag)))
        .add_option(query.resource_types.as_ref().map(of_types))
}

/// A page of what a namespace holds, with names and dates.
fn items(
    table: &'static str,
    namespace: &Name,
    query: &ItemQuery,
    marker: Option<&Dated<Name>>,
) -> SelectStatement {
    let Sort { field, direction } = query.sort;
    let mut select = Query::select();
    select
        .columns(["name", "created_at", "updated_at"])
        .from(table)
        .and_where(Expr::col("namespace").eq(namespace.as_str()))
        .limit(query.limit.into());
    let after = marker.map(|marker| (item_value(field, marker), &marker.what));
    turn_to(&mut select, Expr::col(item_key(field)), direction, after);
    select
}

/// Orders by `key` and then by name, and leaves out all up to a value of the key and a name.
fn turn_to(
    select: &mut SelectStatement,
    key: Expr,
    direction: Direction,
    after: Option<(Value, &Name)>,
) {
    let name = || Expr::col("name");
    if let Some((value, last)) = after {
        let (beyond, next) = match direction {
            Direction::Ascending => (key.clone().gt(value.clone()), name().gt(last.as_str())),
            Direction::Descending => (key.clone().lt(value.clone()), name().lt(last.as_str())),
        };
        select.and_where(beyond.or(key.clone().eq(value).and(next)));
    }
    let order = match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    select.order_by_expr(key, order.clone());
    select.order_by("name", order);
}

/// What is compared, with null as the empty text.
fn namespace_key(field: NamespaceField) -> Expr {
    match field {
        NamespaceField::Name => Expr::col("name"),
        NamespaceField::DisplayName => Expr::cust("COALESCE(display_name, '')"),
        NamespaceField::Visibility => Expr::col("visibility"),
        NamespaceField::Owner => Expr::cust("COALESCE(owner, '')"),
        NamespaceField::CreatedAt => Expr::col("created_at"),
        NamespaceField::UpdatedAt => Expr::col("updated_at"),
    }
}

/// The value of the marker that is compared.
fn namespace_value(field: NamespaceField, marker: &Dated<Namespace>) -> Value {
    let what = &marker.what;
    let text = |text: &Option<String>| Value::from(text.clone().unwrap_or_default());
    match field {
        NamespaceField::Name => what.name.as_str().into(),
        NamespaceField::DisplayName => text(&what.display_name),
        NamespaceField::Visibility => what.visibility.as_str().into(),
        NamespaceField::Owner => text(&what.owner),
        NamespaceField::CreatedAt => marker.created_at.as_micros().into(),
        NamespaceField::UpdatedAt => marker.updated_at.as_micros().into(),
    }
}

const fn item_key(field: ItemField) -> &'static str {
    match field {
        ItemField::Name => "name",
        ItemField::CreatedAt => "created_at",
        ItemField::UpdatedAt => "updated_at",
    }
}

fn item_value(field: ItemField, marker: &Dated<Name>) -> Value {
    match field {
        ItemField::Name => marker.what.as_str().into(),
        ItemField::CreatedAt => marker.created_at.as_micros().into(),
        ItemField::UpdatedAt => marker.updated_at.as_micros().into(),
    }
}
