//! Definitions of groups of properties.

use super::{as_taken, properties::definition};
use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_optional},
    },
    domain::{
        Timestamp,
        metadef::{Dated, Name, Object},
    },
};

/// A row of `metadef_objects`, without its namespace.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ObjectRow {
    name: String,
    description: Option<String>,
    required: String,
    properties: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<ObjectRow> for Dated<Object> {
    type Error = DbError;

    fn try_from(row: ObjectRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "metadef_objects",
            row: &row.name,
        };
        let required = serde_json::from_str(&row.required);
        Ok(Self {
            what: Object {
                name: cell.parse(&row.name)?,
                required: required.map_err(|error| cell.unsound(error))?,
                properties: definition(cell, row.properties)?,
                description: row.description,
            },
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

/// Names as a column holds them.
fn names(required: &[String]) -> String {
    serde_json::Value::from(required).to_string()
}

impl Session {
    /// Inserts the definition of an object.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if the namespace has one of that name, [`DbError::Refused`] if there
    /// is no such namespace.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_objects.insert",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn insert_metadef_object(
        &mut self,
        namespace: &Name,
        object: &Dated<Object>,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO metadef_objects (namespace, name, description, required, properties,
                                         created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (namespace, name) DO NOTHING";
        let what = &object.what;
        let inserted = execute!(
            self,
            SQL,
            namespace.as_str(),
            what.name.as_str(),
            what.description.as_deref(),
            names(&what.required),
            what.properties.as_str(),
            object.created_at.as_micros(),
            object.updated_at.as_micros(),
        );
        if inserted == 0 {
            return Err(DbError::Taken { what: "object" });
        }
        Ok(())
    }

    /// The definition of one object.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_objects.find",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn find_metadef_object(
        &mut self,
        namespace: &Name,
        name: &Name,
    ) -> Result<Option<Dated<Object>>, DbError> {
        const SQL: &str = "
            SELECT name, description, required, properties, created_at, updated_at
              FROM metadef_objects
             WHERE namespace = $1 AND name = $2";
        fetch_optional!(self, ObjectRow, SQL, namespace.as_str(), name.as_str())
            .map(Dated::try_from)
            .transpose()
    }

    /// Makes the object `name` what `object` says, its name included, and tells whether there is
    /// one.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if another has the new name; the transaction is then of no more use.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_objects.update",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn update_metadef_object(
        &mut self,
        namespace: &Name,
        name: &Name,
        object: &Object,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        let updated = self.write_object(namespace, name, object, at).await;
        updated.map_err(|error| as_taken(error, "object"))
    }

    async fn write_object(
        &mut self,
        namespace: &Name,
        name: &Name,
        object: &Object,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE metadef_objects
               SET name = $3, description = $4, required = $5, properties = $6, updated_at = $7
             WHERE namespace = $1 AND name = $2";
        let updated = execute!(
            self,
            SQL,
            namespace.as_str(),
            name.as_str(),
            object.name.as_str(),
            object.description.as_deref(),
            names(&object.required),
            object.properties.as_str(),
            at.as_micros(),
        );
        Ok(updated > 0)
    }
}
