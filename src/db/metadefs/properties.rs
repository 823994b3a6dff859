//! Definitions of single properties.

use super::as_taken;
use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all, fetch_optional},
    },
    domain::metadef::{Definition, Name, Property},
};

#[derive(Debug, sqlx::FromRow)]
struct PropertyRow {
    name: String,
    definition: String,
}

impl TryFrom<PropertyRow> for Property {
    type Error = DbError;

    fn try_from(row: PropertyRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "metadef_properties",
            row: &row.name,
        };
        Ok(Self {
            name: cell.parse(&row.name)?,
            definition: definition(cell, row.definition)?,
        })
    }
}

/// The definition that a column holds.
pub(super) fn definition(cell: Cell<'_>, json: String) -> Result<Definition, DbError> {
    serde_json::from_str::<serde_json::Map<_, _>>(&json).map_err(|error| cell.unsound(error))?;
    Definition::new(json).map_err(|error| cell.unsound(error))
}

impl Session {
    /// Inserts the definition of a property.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if the namespace has one of that name, [`DbError::Refused`] if there
    /// is no such namespace.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_properties.insert",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn insert_metadef_property(
        &mut self,
        namespace: &Name,
        property: &Property,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO metadef_properties (namespace, name, definition)
            VALUES ($1, $2, $3)
                ON CONFLICT (namespace, name) DO NOTHING";
        let inserted = execute!(
            self,
            SQL,
            namespace.as_str(),
            property.name.as_str(),
            property.definition.as_str(),
        );
        if inserted == 0 {
            return Err(DbError::Taken { what: "property" });
        }
        Ok(())
    }

    /// The definition of one property.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_properties.find",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn find_metadef_property(
        &mut self,
        namespace: &Name,
        name: &Name,
    ) -> Result<Option<Property>, DbError> {
        const SQL: &str = "
            SELECT name, definition
              FROM metadef_properties
             WHERE namespace = $1 AND name = $2";
        fetch_optional!(self, PropertyRow, SQL, namespace.as_str(), name.as_str())
            .map(Property::try_from)
            .transpose()
    }

    /// The definitions of the properties of a namespace, by their names.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_properties.list",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn list_metadef_properties(
        &mut self,
        namespace: &Name,
    ) -> Result<Vec<Property>, DbError> {
        const SQL: &str = "
            SELECT name, definition
              FROM metadef_properties
             WHERE namespace = $1
             ORDER BY name";
        fetch_all!(self, PropertyRow, SQL, namespace.as_str())
            .into_iter()
            .map(Property::try_from)
            .collect()
    }

    /// Makes the property `name` what `property` says, its name included, and tells whether
    /// there is one.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if another has the new name; the transaction is then of no more use.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_properties.update",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn update_metadef_property(
        &mut self,
        namespace: &Name,
        name: &Name,
        property: &Property,
    ) -> Result<bool, DbError> {
        let updated = self.write_property(namespace, name, property).await;
        updated.map_err(|error| as_taken(error, "property"))
    }

    async fn write_property(
        &mut self,
        namespace: &Name,
        name: &Name,
        property: &Property,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE metadef_properties
               SET name = $3, definition = $4
             WHERE namespace = $1 AND name = $2";
        let updated = execute!(
            self,
            SQL,
            namespace.as_str(),
            name.as_str(),
            property.name.as_str(),
            property.definition.as_str(),
        );
        Ok(updated > 0)
    }
}
