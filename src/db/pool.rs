//! The pools of connections, and what they lend.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use sqlx::PgPool;
use tokio::sync::Notify;

use crate::db::{
    DbError, Session, Settings, Transaction,
    address::Address,
    dialect::{postgres, sqlite},
    session::Handle,
};

/// The metadata database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Db {
    pub(super) pools: Pools,
    /// Rings when a notification was committed.
    pub(super) outbox: Arc<Notify>,
}

/// The pools of one engine.
#[derive(Debug, Clone)]
pub(super) enum Pools {
    /// A server.
    Postgres(PgPool),
    /// A file.
    Sqlite(sqlite::Pools),
}

impl Db {
    /// Opens the database that `settings` name.
    ///
    /// The schema is left as it is; see [`Db::migrate`].
    ///
    /// # Errors
    ///
    /// [`DbError::Unsupported`] if the connection string means nothing here,
    /// [`DbError::Unopenable`] or [`DbError::Unavailable`] if there is no such database.
    pub async fn connect(settings: &Settings) -> Result<Self, DbError> {
        let connection = settings.connection.as_ref();
        let address = Address::parse(connection.map_or("", |text| text.expose_secret()))?;
        let pools = match address {
            Address::Postgres(options) => {
                Pools::Postgres(postgres::open(*options, settings).await?)
            }
            Address::Sqlite(path) => Pools::Sqlite(sqlite::open(&path, settings).await?),
        };
        Ok(Self {
            pools,
            outbox: Arc::default(),
        })
    }

    /// Whether the database is a file that only this machine uses.
    #[must_use]
    pub const fn is_embedded(&self) -> bool {
        matches!(self.pools, Pools::Sqlite(_))
    }

    /// Lends a connection without a transaction: each statement stands for itself.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`] if none gets free in time.
    pub async fn read(&self) -> Result<Session, DbError> {
        let handle = match &self.pools {
            Pools::Postgres(pool) => pool.acquire().await.map(Handle::Postgres),
            Pools::Sqlite(pools) => pools.readers.acquire().await.map(Handle::Sqlite),
        };
        handle.map(Session).map_err(DbError::Unavailable)
    }

    /// Begins a transaction.
    ///
    /// On `SQLite` it may write from the start, and others wait until it ends: keep it short,
    /// and never begin a second one within it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`] if no connection gets free in time.
    pub async fn begin(&self) -> Result<Transaction, DbError> {
        let handle = match &self.pools {
            Pools::Postgres(pool) => pool.begin().await.map(Handle::PostgresTransaction),
            Pools::Sqlite(pools) => pools
                .writer
                .begin_with("BEGIN IMMEDIATE")
                .await
                .map(Handle::SqliteTransaction),
        };
        handle
            .map(|handle| Transaction::new(handle, Arc::clone(&self.outbox)))
            .map_err(DbError::Unavailable)
    }

    /// Closes every connection once it is given back.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Postgres(pool) => pool.close().await,
            Pools::Sqlite(pools) => {
                pools.readers.close().await;
                pools.writer.close().await;
            }
        }
    }
}
