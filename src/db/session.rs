//! One connection, and the macros that run a statement on it.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, pool::PoolConnection};
use tokio::sync::Notify;

use crate::db::{
    DbError,
    dialect::{self, Statements},
};

/// A connection to the database, lent by [`Db::read`](crate::db::Db::read).
///
/// Its methods stand in the files of the records they are about.
#[derive(Debug)]
pub struct Session(pub(super) Handle);

/// A session whose changes happen together, lent by [`Db::begin`](crate::db::Db::begin).
///
/// Dropped without [`Transaction::commit`], it leaves everything as it was.
#[derive(Debug)]
pub struct Transaction {
    session: Session,
    /// Rung when the outbox was filled.
    outbox: Arc<Notify>,
    fills_outbox: bool,
}

/// What a session holds on to.
#[derive(Debug)]
pub(super) enum Handle {
    /// To a server, without a transaction.
    Postgres(PoolConnection<Postgres>),
    /// To a server, within a transaction.
    PostgresTransaction(sqlx::Transaction<'static, Postgres>),
    /// To a file, without a transaction.
    Sqlite(PoolConnection<Sqlite>),
    /// To a file, within a transaction.
    SqliteTransaction(sqlx::Transaction<'static, Sqlite>),
}

/// The connection of either engine, for [`on_engine`].
pub(super) enum Engine<'a> {
    /// To a server.
    Postgres(&'a mut PgConnection),
    /// To a file.
    Sqlite(&'a mut SqliteConnection),
}

impl Session {
    /// The connection.
    pub(super) fn engine(&mut self) -> Engine<'_> {
        match &mut self.0 {
            Handle::Postgres(connection) => Engine::Postgres(connection),
            Handle::PostgresTransaction(connection) => Engine::Postgres(connection),
            Handle::Sqlite(connection) => Engine::Sqlite(connection),
            Handle::SqliteTransaction(connection) => Engine::Sqlite(connection),
        }
    }

    /// The statements in the words of the engine.
    pub(super) const fn statements(&self) -> &'static Statements {
        match self.0 {
            Handle::Postgres(_) | Handle::PostgresTransaction(_) => &dialect::postgres::STATEMENTS,
            Handle::Sqlite(_) | Handle::SqliteTransaction(_) => &dialect::sqlite::STATEMENTS,
        }
    }
}

impl Transaction {
    /// A transaction on `handle`; `outbox` is rung if it fills the outbox.
    pub(super) const fn new(handle: Handle, outbox: Arc<Notify>) -> Self {
        Self {
            session: Session(handle),
            outbox,
            fills_outbox: false,
        }
    }

    /// The commit is to ring.
    pub(super) const fn fills_outbox(&mut self) {
        self.fills_outbox = true;
    }

    /// Makes the changes last.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]; whether the changes were made is then unknown.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.session.0 {
            Handle::PostgresTransaction(transaction) => transaction.commit().await?,
            Handle::SqliteTransaction(transaction) => transaction.commit().await?,
            // `Db::begin` makes a transaction from the others only.
            Handle::Postgres(_) | Handle::Sqlite(_) => {}
        }
        if self.fills_outbox {
            self.outbox.notify_one();
        }
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

/// Expands the same code for the connection of either engine.
///
/// `on_engine!(session, |connection| code)`
macro_rules! on_engine {
    ($session:expr, |$connection:ident| $code:expr) => {
        match $session.engine() {
            $crate::db::session::Engine::Postgres($connection) => $code,
            $crate::db::session::Engine::Sqlite($connection) => $code,
        }
    };
}

/// Runs a statement with its values, and tells how many rows it changed.
macro_rules! execute {
    ($session:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        $crate::db::session::on_engine!($session, |connection| {
            sqlx::query($sql)$(.bind($value))*
                .execute(connection)
                .await?
                .rows_affected()
        })
    };
}

/// Runs a statement with its values, and gives its first row as the type named.
macro_rules! fetch_optional {
    ($session:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => {
        $crate::db::session::on_engine!($session, |connection| {
            sqlx::query_as::<_, $row>($sql)$(.bind($value))*
                .fetch_optional(connection)
                .await?
        })
    };
}

/// Runs a statement with its values, and gives all its rows as the type named.
macro_rules! fetch_all {
    ($session:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => {
        $crate::db::session::on_engine!($session, |connection| {
            sqlx::query_as::<_, $row>($sql)$(.bind($value))*
                .fetch_all(connection)
                .await?
        })
    };
}

pub(super) use {execute, fetch_all, fetch_optional, on_engine};
