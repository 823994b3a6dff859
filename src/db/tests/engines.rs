//! A fresh database of either engine for every rule.

use std::{
    env,
    future::Future,
    path::Path,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::db::{Db, Settings};

/// Names the server that the databases are made on, by its connection string.
const SERVER: &str = "HALLMARK_TEST_POSTGRES";

/// Runs each rule on `SQLite` and on `PostgreSQL`, as a test of its own.
macro_rules! on_every_engine {
    [$($rule:ident),+ $(,)?] => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $rule() {
                $crate::db::tests::engines::on_sqlite(super::$rule).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $rule() {
                $crate::db::tests::engines::on_postgres(super::$rule).await;
            })+
        }
    };
}

pub(super) use on_every_engine;

/// The settings that name one database.
pub(super) fn settings(connection: String) -> Settings {
    Settings {
        connection: Some(SecretString::from(connection)),
        max_overflow: 5,
        ..Settings::default()
    }
}

/// The settings that name a file.
pub(super) fn in_file(path: &Path) -> Settings {
    settings(format!("sqlite:{}", path.display()))
}

/// Runs `rule` with a migrated database in a file of its own.
pub(super) async fn on_sqlite<F: Future<Output = ()>>(rule: impl FnOnce(Db) -> F) {
    let folder = tempfile::tempdir().expect("a folder");
    let db = Db::connect(&in_file(&folder.path().join("test.db")))
        .await
        .expect("a database");
    db.migrate().await.expect("a schema");
    rule(db.clone()).await;
    db.close().await;
}

/// Runs `rule` with a migrated database of its own on the server for tests.
pub(super) async fn on_postgres<F: Future<Output = ()>>(rule: impl FnOnce(Db) -> F) {
    let (connection, name) = create().await;
    let db = Db::connect(&settings(connection))
        .await
        .expect("a database");
    db.migrate().await.expect("a schema");
    rule(db.clone()).await;
    db.close().await;
    drop_database(&name).await;
}

/// Creates an empty database, and gives its connection string and its name.
pub(super) async fn create() -> (String, String) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = server();
    let name = format!(
        "hallmark_{}_{}",
        process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    drop_database(&name).await;
    execute(format!("CREATE DATABASE {name}")).await;
    let (address, _) = server
        .rsplit_once('/')
        .expect("a connection string that names a database");
    (format!("{address}/{name}"), name)
}

/// Drops a database with all that is in it.
pub(super) async fn drop_database(name: &str) {
    execute(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
}

async fn execute(sql: String) {
    let mut connection = PgConnection::connect(&server())
        .await
        .expect("the PostgreSQL server for tests");
    sqlx::query(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .expect("the statement");
    connection.close().await.expect("the end");
}

fn server() -> String {
    env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} names no PostgreSQL server: run the tests by tests/run, which starts one")
    })
}
