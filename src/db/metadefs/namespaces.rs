//! Namespaces of metadata definitions.

use super::as_taken;
use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_optional},
    },
    domain::{
        Timestamp,
        metadef::{Dated, Name, Namespace},
    },
};

/// A row of `metadef_namespaces`.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct NamespaceRow {
    name: String,
    display_name: Option<String>,
    description: Option<String>,
    visibility: String,
    protected: bool,
    owner: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<NamespaceRow> for Dated<Namespace> {
    type Error = DbError;

    fn try_from(row: NamespaceRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "metadef_namespaces",
            row: &row.name,
        };
        Ok(Self {
            what: Namespace {
                name: cell.parse(&row.name)?,
                visibility: cell.parse(&row.visibility)?,
                display_name: row.display_name,
                description: row.description,
                protected: row.protected,
                owner: row.owner,
            },
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

impl Session {
    /// Inserts a namespace.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if another has its name, [`DbError::Refused`] if a value does not fit
    /// its column.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_namespaces.insert",
        skip_all, fields(namespace = %namespace.what.name), err(level = "debug")
    )]
    pub async fn insert_namespace(&mut self, namespace: &Dated<Namespace>) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO metadef_namespaces (name, display_name, description, visibility,
                                            protected, owner, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (name) DO NOTHING";
        let what = &namespace.what;
        let inserted = execute!(
            self,
            SQL,
            what.name.as_str(),
            what.display_name.as_deref(),
            what.description.as_deref(),
            what.visibility.as_str(),
            what.protected,
            what.owner.as_deref(),
            namespace.created_at.as_micros(),
            namespace.updated_at.as_micros(),
        );
        if inserted == 0 {
            return Err(DbError::Taken { what: "namespace" });
        }
        Ok(())
    }

    /// The namespace of that name.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_namespaces.find",
        skip_all, fields(namespace = %name), err(level = "debug")
    )]
    pub async fn find_namespace(
        &mut self,
        name: &Name,
    ) -> Result<Option<Dated<Namespace>>, DbError> {
        const SQL: &str = "
            SELECT name, display_name, description, visibility, protected, owner,
                   created_at, updated_at
              FROM metadef_namespaces
             WHERE name = $1";
        fetch_optional!(self, NamespaceRow, SQL, name.as_str())
            .map(Dated::try_from)
            .transpose()
    }

    /// Keeps others from changing the namespace, and what is in it, until the transaction ends.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.metadef_namespaces.lock",
        skip_all, fields(namespace = %name), err(level = "debug")
    )]
    pub async fn lock_namespace(&mut self, name: &Name) -> Result<(), DbError> {
        let sql = self.statements().lock_namespace;
        fetch_optional!(self, (String,), sql, name.as_str());
        Ok(())
    }

    /// Makes the namespace `name` what `namespace` says, its name included, and tells whether
    /// there is one.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if another has the new name; the transaction is then of no more use.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_namespaces.update",
        skip_all, fields(namespace = %name), err(level = "debug")
    )]
    pub async fn update_namespace(
        &mut self,
        name: &Name,
        namespace: &Namespace,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        let updated = self.write_namespace(name, namespace, at).await;
        updated.map_err(|error| as_taken(error, "namespace"))
    }

    async fn write_namespace(
        &mut self,
        name: &Name,
        namespace: &Namespace,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE metadef_namespaces
               SET name = $2, display_name = $3, description = $4, visibility = $5,
                   protected = $6, owner = $7, updated_at = $8
             WHERE name = $1";
        let updated = execute!(
            self,
            SQL,
            name.as_str(),
            namespace.name.as_str(),
            namespace.display_name.as_deref(),
            namespace.description.as_deref(),
            namespace.visibility.as_str(),
            namespace.protected,
            namespace.owner.as_deref(),
            at.as_micros(),
        );
        Ok(updated > 0)
    }

    /// Deletes the namespace with all that is in it, and tells whether there was one.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.metadef_namespaces.delete",
        skip_all, fields(namespace = %name), err(level = "debug")
    )]
    pub async fn delete_namespace(&mut self, name: &Name) -> Result<bool, DbError> {
        const SQL: &str = "
            DELETE FROM metadef_namespaces
             WHERE name = $1";
        Ok(execute!(self, SQL, name.as_str()) > 0)
    }
}
