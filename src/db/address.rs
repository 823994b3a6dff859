//! Where the database is: the spellings of `[database] connection`.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;
use sqlx::postgres::PgConnectOptions;

use crate::db::{DbError, Settings};

/// The name that `pg_stat_activity` shows, unless the connection string gives another.
const APPLICATION_NAME: &str = "hallmark";

/// Where a database is.
#[derive(Debug, Clone)]
pub(super) enum Address {
    /// A file of this machine.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<PgConnectOptions>),
}

impl Address {
    /// Reads a connection string, in our spelling or in `SQLAlchemy`'s.
    ///
    /// - `sqlite:PATH`; `sqlite:///REL` and `sqlite:////ABS`.
    /// - `postgresql://…` and `postgres://…`.
    /// - A driver (`postgresql+psycopg2`) means nothing here and is passed over.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsupported`] says what is wrong without quoting the string.
    pub(super) fn parse(connection: &str) -> Result<Self, DbError> {
        let connection = connection.trim();
        let (scheme, rest) = connection.split_once(':').ok_or_else(|| {
            unsupported("the connection string of the database names no engine; write sqlite:PATH or postgresql://…")
        })?;
        match scheme.split('+').next().unwrap_or_default() {
            "sqlite" => sqlite(rest),
            "postgresql" | "postgres" => postgres(rest),
            "mysql" | "mariadb" => Err(unsupported(
                "MySQL and MariaDB are not supported; use PostgreSQL or SQLite",
            )),
            _ => Err(unsupported(
                "the engine of the connection string is not supported; use PostgreSQL or SQLite",
            )),
        }
    }
}

impl Settings {
    /// The file of an embedded database; none if the database is a server's.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsupported`] if the connection string means nothing here.
    pub fn file(&self) -> Result<Option<PathBuf>, DbError> {
        let connection = self.connection.as_ref();
        match Address::parse(connection.map_or("", |text| text.expose_secret()))? {
            Address::Sqlite(path) => Ok(Some(path)),
            Address::Postgres(_) => Ok(None),
        }
    }
}

fn unsupported(what: impl Into<String>) -> DbError {
    DbError::Unsupported(what.into())
}

fn sqlite(rest: &str) -> Result<Address, DbError> {
    let path = match rest.strip_prefix("//") {
        // In a URL, options of SQLAlchemy may follow; none of them concerns us.
        Some(url) => match url.split('?').next().unwrap_or_default() {
            "" | "/" => "",
            path => path.strip_prefix('/').ok_or_else(|| {
                unsupported(
                    "sqlite:// takes no host; write sqlite:///relative or sqlite:////absolute",
                )
            })?,
        },
        None => rest,
    };
    if path.is_empty() || path.contains(":memory:") {
        return Err(unsupported(
            "an SQLite database in memory would be lost with every connection; name a file",
        ));
    }
    Ok(Address::Sqlite(Path::new(path).to_owned()))
}

fn postgres(rest: &str) -> Result<Address, DbError> {
    let options: PgConnectOptions = format!("postgresql:{rest}").parse().map_err(|error| {
        unsupported(match error {
            sqlx::Error::Configuration(cause) => {
                format!("the PostgreSQL connection string is malformed: {cause}")
            }
            _ => "the PostgreSQL connection string is malformed".to_owned(),
        })
    })?;
    let options = match options.get_application_name() {
        Some(_) => options,
        None => options.application_name(APPLICATION_NAME),
    };
    Ok(Address::Postgres(Box::new(options)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(connection: &str) -> PathBuf {
        match Address::parse(connection) {
            Ok(Address::Sqlite(path)) => path,
            other => panic!("{connection}: {other:?}"),
        }
    }

    fn server(connection: &str) -> PgConnectOptions {
        match Address::parse(connection) {
            Ok(Address::Postgres(options)) => *options,
            other => panic!("{connection}: {other:?}"),
        }
    }

    #[test]
    fn every_spelling_of_a_file_is_understood() {
        for (connection, path) in [
            ("sqlite:a.db", "a.db"),
            ("sqlite:/var/a.db", "/var/a.db"),
            ("sqlite:///a.db", "a.db"),
            ("sqlite:////var/a.db", "/var/a.db"),
            ("sqlite+pysqlite:////var/a.db?timeout=5", "/var/a.db"),
            (" sqlite:a?b.db ", "a?b.db"),
        ] {
            assert_eq!(file(connection), Path::new(path), "{connection}");
        }
    }

    #[test]
    fn every_spelling_of_a_server_is_understood() {
        for scheme in [
            "postgres",
            "postgresql",
            "postgresql+psycopg2",
            "postgresql+asyncpg",
        ] {
            let options = server(&format!("{scheme}://me:secret@db.example:5433/images"));
            assert_eq!(options.get_host(), "db.example", "{scheme}");
            assert_eq!(options.get_port(), 5433, "{scheme}");
            assert_eq!(options.get_database(), Some("images"), "{scheme}");
            assert_eq!(options.get_application_name(), Some("hallmark"), "{scheme}");
        }
    }

    #[test]
    fn a_name_of_its_own_is_kept() {
        let options = server("postgresql://db/images?application_name=second");
        assert_eq!(options.get_application_name(), Some("second"));
    }

    #[test]
    fn what_is_not_there_is_refused_without_quoting_the_password() {
        for (connection, told) in [
            ("mysql+pymysql://me:secret@db/glance", "MySQL"),
            ("mariadb://me:secret@db/glance", "MySQL"),
            ("oracle://me:secret@db/glance", "use PostgreSQL or SQLite"),
            ("postgresql://me:secret@db:port/glance", "malformed"),
            ("secret", "names no engine"),
            ("sqlite://", "in memory"),
            ("sqlite:", "in memory"),
            ("sqlite:///", "in memory"),
            ("sqlite:///:memory:", "in memory"),
            ("sqlite::memory:", "in memory"),
            ("sqlite://secret/a.db", "no host"),
        ] {
            match Address::parse(connection) {
                Err(DbError::Unsupported(text)) => {
                    assert!(text.contains(told), "{connection}: {text}");
                    assert!(!text.contains("secret"), "{connection}: {text}");
                }
                other => panic!("{connection}: {other:?}"),
            }
        }
    }
}
