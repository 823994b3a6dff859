//! Types of resources, and the namespaces that apply to them.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all},
    },
    domain::{
        Timestamp,
        metadef::{Association, Dated, Name},
    },
};

/// A row of `metadef_associations`, without its namespace.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct AssociationRow {
    resource_type: String,
    prefix: Option<String>,
    properties_target: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<AssociationRow> for Dated<Association> {
    type Error = DbError;

    fn try_from(row: AssociationRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "metadef_associations",
            row: &row.resource_type,
        };
        Ok(Self {
            what: Association {
                resource_type: cell.parse(&row.resource_type)?,
                prefix: row.prefix,
                properties_target: row.properties_target,
            },
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
struct ResourceTypeRow {
    name: String,
    created_at: i64,
    updated_at: i64,
}

impl Session {
    /// The types of resources that some namespace ever applied to, by their names.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.metadef_resource_types.list",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_resource_types(&mut self) -> Result<Vec<Dated<Name>>, DbError> {
        const SQL: &str = "
            SELECT name, created_at, updated_at
              FROM metadef_resource_types
             ORDER BY name";
        let rows = fetch_all!(self, ResourceTypeRow, SQL);
        let read = |row: ResourceTypeRow| {
            let cell = Cell {
                table: "metadef_resource_types",
                row: &row.name,
            };
            Ok(Dated {
                what: cell.parse(&row.name)?,
                created_at: Timestamp::from_micros(row.created_at),
                updated_at: Timestamp::from_micros(row.updated_at),
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Lets a namespace apply to a type of resources, which need not be known yet.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if it does already, [`DbError::Refused`] if there is no such namespace.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_associations.insert",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn insert_association(
        &mut self,
        namespace: &Name,
        association: &Dated<Association>,
    ) -> Result<(), DbError> {
        const TYPE: &str = "
            INSERT INTO metadef_resource_types (name, created_at, updated_at)
            VALUES ($1, $2, $2)
                ON CONFLICT (name) DO NOTHING";
        const SQL: &str = "
            INSERT INTO metadef_associations (namespace, resource_type, prefix,
                                              properties_target, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (namespace, resource_type) DO NOTHING";
        let what = &association.what;
        let created_at = association.created_at.as_micros();
        execute!(self, TYPE, what.resource_type.as_str(), created_at);
        let inserted = execute!(
            self,
            SQL,
            namespace.as_str(),
            what.resource_type.as_str(),
            what.prefix.as_deref(),
            what.properties_target.as_deref(),
            created_at,
            association.updated_at.as_micros(),
        );
        if inserted == 0 {
            return Err(DbError::Taken {
                what: "association",
            });
        }
        Ok(())
    }

    /// Makes an association what `association` says, and tells whether there is one.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if a value does not fit its column.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_associations.update",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn update_association(
        &mut self,
        namespace: &Name,
        association: &Association,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE metadef_associations
               SET prefix = $3, properties_target = $4, updated_at = $5
             WHERE namespace = $1 AND resource_type = $2";
        let updated = execute!(
            self,
            SQL,
            namespace.as_str(),
            association.resource_type.as_str(),
            association.prefix.as_deref(),
            association.properties_target.as_deref(),
            at.as_micros(),
        );
        Ok(updated > 0)
    }

    /// The associations of a namespace, by the names of the types.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_associations.list",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn list_associations(
        &mut self,
        namespace: &Name,
    ) -> Result<Vec<Dated<Association>>, DbError> {
        const SQL: &str = "
            SELECT resource_type, prefix, properties_target, created_at, updated_at
              FROM metadef_associations
             WHERE namespace = $1
             ORDER BY resource_type";
        fetch_all!(self, AssociationRow, SQL, namespace.as_str())
            .into_iter()
            .map(Dated::try_from)
            .collect()
    }
}
