//! Bringing the schema up to date, and telling how old it is.

use sqlx::migrate::{MigrateError, Migrator};

use crate::db::{Db, DbError, pool::Pools, session::fetch_optional};

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

/// How far the schema of a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The number of the last migration that was made: its date and time as digits.
    pub number: i64,
    /// What that migration did.
    pub name: String,
    /// The number of the last migration this program knows.
    pub latest: i64,
}

impl SchemaVersion {
    /// Whether nothing is left for [`Db::migrate`] to do.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.number == self.latest
    }
}

impl Db {
    /// Makes all migrations that were not made yet. Several processes may ask at once: one
    /// works, the others wait.
    ///
    /// # Errors
    ///
    /// [`DbError::NewerSchema`] if a newer program migrated the database,
    /// [`DbError::Migration`] if a migration fails; `SQLite` is then as it was before, and
    /// `PostgreSQL` as it was before the migration that failed.
    #[tracing::instrument(
        level = "debug",
        name = "db.schema.migrate",
        skip_all,
        err(level = "debug")
    )]
    pub async fn migrate(&self) -> Result<(), DbError> {
        // `run_direct`, because the future of `run` cannot be sent to another thread.
        let done = match &self.pools {
            Pools::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                POSTGRES.run_direct(None, &mut *connection, false).await
            }
            Pools::Sqlite(pools) => {
                // sqlx locks no file while it migrates; a transaction that may write does.
                let mut transaction = pools.writer.begin_with("BEGIN IMMEDIATE").await?;
                match SQLITE.run_direct(None, &mut *transaction, false).await {
                    Ok(()) => transaction.commit().await.map_err(MigrateError::Execute),
                    failed => failed,
                }
            }
        };
        done.map_err(|error| match error {
            MigrateError::VersionMissing(found) if found > self.latest() => DbError::NewerSchema {
                found,
                known: self.latest(),
            },
            error => DbError::Migration(Box::new(error)),
        })
    }

    /// How far the schema is; `None` before the first migration.
    ///
    /// # Errors
    ///
    /// [`DbError::NewerSchema`] if a newer program migrated the database.
    #[tracing::instrument(
        level = "debug",
        name = "db.schema.version",
        skip_all,
        err(level = "debug")
    )]
    pub async fn schema_version(&self) -> Result<Option<SchemaVersion>, DbError> {
        const SQL: &str = "
            SELECT version, description
              FROM _sqlx_migrations
             WHERE success
             ORDER BY version DESC
             LIMIT 1";
        let mut session = self.read().await?;
        let count_histories = session.statements().count_histories;
        let histories = fetch_optional!(session, (i64,), count_histories);
        if histories.is_none_or(|(count,)| count == 0) {
            return Ok(None);
        }
        let latest = self.latest();
        match fetch_optional!(session, (i64, String), SQL) {
            Some((found, _)) if found > latest => Err(DbError::NewerSchema {
                found,
                known: latest,
            }),
            newest => Ok(newest.map(|(number, name)| SchemaVersion {
                number,
                name,
                latest,
            })),
        }
    }

    /// The number of the last migration this program knows.
    fn latest(&self) -> i64 {
        let migrator = match self.pools {
            Pools::Postgres(_) => &POSTGRES,
            Pools::Sqlite(_) => &SQLITE,
        };
        migrator
            .iter()
            .map(|known| known.version)
            .max()
            .unwrap_or(0)
    }
}
