//! What can go wrong between the registry and its database.

use std::path::PathBuf;

use sqlx::{error::ErrorKind, migrate::MigrateError};

/// `SQLite`'s code for what a trigger refused (`SQLITE_CONSTRAINT_TRIGGER`).
const REFUSED_BY_TRIGGER: &str = "1811";

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached, or broke off.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The file of an embedded database cannot be opened.
    #[error("the database file {} cannot be opened", path.display())]
    Unopenable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: sqlx::Error,
    },
    /// What was to be inserted is there already.
    #[error("{what} is taken")]
    Taken {
        /// What is taken, in the API's words.
        what: &'static str,
    },
    /// A constraint or a trigger of the schema forbids the change.
    #[error("the database refuses the change")]
    Refused(#[source] sqlx::Error),
    /// A row means nothing that this program understands.
    #[error("row {row} of table {table} is unsound: {what}")]
    Unsound {
        /// The table.
        table: &'static str,
        /// The key of the row.
        row: String,
        /// What is wrong with it.
        what: String,
    },
    /// The connection string asks for what there is not; it is never quoted, as it may hold a
    /// password.
    #[error("{0}")]
    Unsupported(String),
    /// A newer program made this schema; writing to it could do harm.
    #[error("the database has schema {found}, but this program knows none after {known}")]
    NewerSchema {
        /// The schema of the database.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migration(#[source] Box<MigrateError>),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let refused = error.as_database_error().is_some_and(|cause| {
            !matches!(cause.kind(), ErrorKind::Other)
                || cause.code().as_deref() == Some(REFUSED_BY_TRIGGER)
        });
        if refused {
            Self::Refused(error)
        } else {
            Self::Unavailable(error)
        }
    }
}
