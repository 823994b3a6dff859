//! Tags that a namespace suggests.

use super::as_taken;
use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_optional},
    },
    domain::{
        Timestamp,
        metadef::{Dated, Name},
    },
};

/// A row of `metadef_tags`, without its namespace.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct TagRow {
    name: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<TagRow> for Dated<Name> {
    type Error = DbError;

    fn try_from(row: TagRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "metadef_tags",
            row: &row.name,
        };
        Ok(Self {
            what: cell.parse(&row.name)?,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

impl Session {
    /// Inserts a tag.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if the namespace has it already, [`DbError::Refused`] if there is no
    /// such namespace.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_tags.insert",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn insert_metadef_tag(
        &mut self,
        namespace: &Name,
        tag: &Dated<Name>,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO metadef_tags (namespace, name, created_at, updated_at)
            VALUES ($1, $2, $3, $4)
                ON CONFLICT (namespace, name) DO NOTHING";
        let inserted = execute!(
            self,
            SQL,
            namespace.as_str(),
            tag.what.as_str(),
            tag.created_at.as_micros(),
            tag.updated_at.as_micros(),
        );
        if inserted == 0 {
            return Err(DbError::Taken { what: "tag" });
        }
        Ok(())
    }

    /// One tag.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_tags.find",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn find_metadef_tag(
        &mut self,
        namespace: &Name,
        name: &Name,
    ) -> Result<Option<Dated<Name>>, DbError> {
        const SQL: &str = "
            SELECT name, created_at, updated_at
              FROM metadef_tags
             WHERE namespace = $1 AND name = $2";
        fetch_optional!(self, TagRow, SQL, namespace.as_str(), name.as_str())
            .map(Dated::try_from)
            .transpose()
    }

    /// Gives the tag `name` the name `to`, and tells whether there is one.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if another has the new name; the transaction is then of no more use.
    #[tracing::instrument(
        level = "debug", name = "db.metadef_tags.rename",
        skip_all, fields(namespace = %namespace), err(level = "debug")
    )]
    pub async fn rename_metadef_tag(
        &mut self,
        namespace: &Name,
        name: &Name,
        to: &Name,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        let renamed = self.write_tag(namespace, name, to, at).await;
        renamed.map_err(|error| as_taken(error, "tag"))
    }

    async fn write_tag(
        &mut self,
        namespace: &Name,
        name: &Name,
        to: &Name,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE metadef_tags
               SET name = $3, updated_at = $4
             WHERE namespace = $1 AND name = $2";
        let renamed = execute!(
            self,
            SQL,
            namespace.as_str(),
            name.as_str(),
            to.as_str(),
            at.as_micros()
        );
        Ok(renamed > 0)
    }
}
