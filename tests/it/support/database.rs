//! A database of a test's own.

use std::{env, path::Path, thread};

use serde_json::Value;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    sqlite::SqliteConnectOptions,
};
use uuid::Uuid;

/// Where the server for tests is: `postgresql://USER@HOST:PORT/DATABASE`.
const VARIABLE: &str = "HALLMARK_TEST_POSTGRES";

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// The server that `tests/run` starts.
    Postgres,
}

/// What other services are to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The type of the event.
    pub event: String,
    /// How much it matters.
    pub priority: String,
    /// What it happened to.
    pub payload: Value,
}

/// A database that is empty at first, and goes when it is dropped.
pub struct Database {
    connection: String,
    /// The name on the server, if there is one.
    on_server: Option<String>,
}

impl Database {
    /// A new one; `folder` is for what lies in files.
    pub async fn create(engine: Engine, folder: &Path) -> Self {
        match engine {
            Engine::Sqlite => Self {
                connection: format!("sqlite:{}", folder.join("test.db").display()),
                on_server: None,
            },
            Engine::Postgres => Self::on_server().await,
        }
    }

    async fn on_server() -> Self {
        let name = format!("hallmark_it_{}", Uuid::new_v4().simple());
        execute(&format!("CREATE DATABASE {name}")).await;
        let server = server();
        let (address, _) = server.rsplit_once('/').expect("a database in the address");
        Self {
            connection: format!("{address}/{name}"),
            on_server: Some(name),
        }
    }

    /// Runs a statement on it, behind the registry's back.
    pub async fn execute(&self, statement: &'static str) {
        let done = self.attempt(statement).await;
        done.expect("a statement the database accepts");
    }

    /// Runs a statement that the database must refuse.
    pub async fn refuses(&self, statement: &'static str) {
        let done = self.attempt(statement).await;
        assert!(done.is_err(), "{statement}");
    }

    async fn attempt(&self, statement: &'static str) -> sqlx::Result<()> {
        if let Some(file) = self.connection.strip_prefix("sqlite:") {
            let options = SqliteConnectOptions::new().filename(file);
            let mut file = options.connect().await.expect("the test's database");
            file.execute(statement).await.map(drop)
        } else {
            let server = PgConnection::connect(&self.connection).await;
            let mut server = server.expect("the test's database");
            server.execute(statement).await.map(drop)
        }
    }

    /// The first column of the rows that a query finds.
    pub async fn rows(&self, query: &'static str) -> Vec<String> {
        let rows: Result<Vec<(String,)>, _> =
            if let Some(file) = self.connection.strip_prefix("sqlite:") {
                let options = SqliteConnectOptions::new().filename(file);
                let mut file = options.connect().await.expect("the test's database");
                sqlx::query_as(query).fetch_all(&mut file).await
            } else {
                let server = PgConnection::connect(&self.connection).await;
                let mut server = server.expect("the test's database");
                sqlx::query_as(query).fetch_all(&mut server).await
            };
        let rows = rows.expect("a query the database accepts");
        rows.into_iter().map(|(text,)| text).collect()
    }

    /// What waits in the outbox, the oldest first.
    pub async fn told(&self) -> Vec<Told> {
        const SQL: &str =
            "SELECT event_type, priority, payload FROM notifications ORDER BY position";
        let rows: Result<Vec<(String, String, String)>, _> =
            if let Some(file) = self.connection.strip_prefix("sqlite:") {
                let options = SqliteConnectOptions::new().filename(file);
                let mut file = options.connect().await.expect("the test's database");
                sqlx::query_as(SQL).fetch_all(&mut file).await
            } else {
                let server = PgConnection::connect(&self.connection).await;
                let mut server = server.expect("the test's database");
                sqlx::query_as(SQL).fetch_all(&mut server).await
            };
        rows.expect("an outbox")
            .into_iter()
            .map(|(event, priority, payload)| Told {
                event,
                priority,
                payload: serde_json::from_str(&payload).expect("JSON"),
            })
            .collect()
    }

    /// How to connect to it.
    pub fn connection(&self) -> &str {
        &self.connection
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(name) = self.on_server.take() else {
            return;
        };
        // The test's own runtime may be at its end.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(execute(&format!("DROP DATABASE {name} WITH (FORCE)")));
        });
        let failed = dropped.join().is_err();
        assert!(
            !failed || thread::panicking(),
            "the test's database could not be dropped"
        );
    }
}

async fn execute(statement: &str) {
    let mut server = PgConnection::connect(&server())
        .await
        .expect("the PostgreSQL server that tests/run starts");
    server
        .execute(AssertSqlSafe(statement.to_owned()))
        .await
        .expect("a statement the server accepts");
}

fn server() -> String {
    env::var(VARIABLE)
        .unwrap_or_else(|_| panic!("{VARIABLE} is not set: run the tests by tests/run"))
}
