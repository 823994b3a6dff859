//! Metadata definitions.
//!
//! What is in a namespace hangs on its name by foreign keys that follow it: a namespace can get
//! a new name, or go, without a word about its contents.

mod associations;
mod listing;
mod namespaces;
mod objects;
mod properties;
mod tags;

use crate::{
    db::{
        DbError, Session,
        session::{execute, fetch_optional},
    },
    domain::metadef::Name,
};

/// What there is several of in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadefKind {
    /// Associations with types of resources.
    Associations,
    /// Single properties.
    Properties,
    /// Groups of properties.
    Objects,
    /// Tags.
    Tags,
}

impl Session {
    /// How many there are in a namespace.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.metadefs.count",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_metadefs(
        &mut self,
        namespace: &Name,
        kind: MetadefKind,
    ) -> Result<u64, DbError> {
        let sql = match kind {
            MetadefKind::Associations => {
                "SELECT COUNT(*) FROM metadef_associations WHERE namespace = $1"
            }
            MetadefKind::Properties => {
                "SELECT COUNT(*) FROM metadef_properties WHERE namespace = $1"
            }
            MetadefKind::Objects => "SELECT COUNT(*) FROM metadef_objects WHERE namespace = $1",
            MetadefKind::Tags => "SELECT COUNT(*) FROM metadef_tags WHERE namespace = $1",
        };
        let count = fetch_optional!(self, (i64,), sql, namespace.as_str());
        Ok(count.map_or(0, |(count,)| count.unsigned_abs()))
    }

    /// Deletes the one of that name (of an association, the type of resources), and tells whether
    /// there was one.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.metadefs.delete",
        skip_all, fields(namespace = %namespace, ?kind), err(level = "debug")
    )]
    pub async fn delete_metadef(
        &mut self,
        namespace: &Name,
        kind: MetadefKind,
        name: &Name,
    ) -> Result<bool, DbError> {
        let sql = match kind {
            MetadefKind::Associations => {
                "DELETE FROM metadef_associations WHERE namespace = $1 AND resource_type = $2"
            }
            MetadefKind::Properties => {
                "DELETE FROM metadef_properties WHERE namespace = $1 AND name = $2"
            }
            MetadefKind::Objects => {
                "DELETE FROM metadef_objects WHERE namespace = $1 AND name = $2"
            }
            MetadefKind::Tags => "DELETE FROM metadef_tags WHERE namespace = $1 AND name = $2",
        };
        Ok(execute!(self, sql, namespace.as_str(), name.as_str()) > 0)
    }

    /// Deletes all that a namespace has of a kind.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.metadefs.clear",
        skip_all, fields(namespace = %namespace, ?kind), err(level = "debug")
    )]
    pub async fn clear_metadefs(
        &mut self,
        namespace: &Name,
        kind: MetadefKind,
    ) -> Result<(), DbError> {
        let sql = match kind {
            MetadefKind::Associations => "DELETE FROM metadef_associations WHERE namespace = $1",
            MetadefKind::Properties => "DELETE FROM metadef_properties WHERE namespace = $1",
            MetadefKind::Objects => "DELETE FROM metadef_objects WHERE namespace = $1",
            MetadefKind::Tags => "DELETE FROM metadef_tags WHERE namespace = $1",
        };
        execute!(self, sql, namespace.as_str());
        Ok(())
    }
}

/// A change of a name that another row has breaks off the transaction; this says so by name.
fn as_taken(error: DbError, what: &'static str) -> DbError {
    match error {
        DbError::Refused(cause)
            if cause
                .as_database_error()
                .is_some_and(sqlx::error::DatabaseError::is_unique_violation) =>
        {
            DbError::Taken { what }
        }
        other => other,
    }
}
