//! Rules of connecting and of the schema.

use std::fs;

use sqlx::AssertSqlSafe;
use tokio::task::JoinSet;

use super::{
    engines::{create, drop_database, in_file, on_every_engine, settings},
    samples::{find, image, insert},
};
use crate::db::{Db, DbError, Settings, session::on_engine};

on_every_engine![
    a_migrated_schema_is_current,
    migrating_twice_changes_nothing,
    a_newer_schema_is_refused,
];

async fn a_migrated_schema_is_current(db: Db) {
    let version = db.schema_version().await.expect("an answer");
    let version = version.expect("a version");
    assert!(version.is_current(), "{version:?}");
    assert_eq!(version.name, "create staging areas");
}

async fn migrating_twice_changes_nothing(db: Db) {
    insert(&db, [image(1)]).await;
    db.migrate().await.expect("nothing to do");
    assert_eq!(find(&db, 1).await, Some(image(1)));
}

async fn a_newer_schema_is_refused(db: Db) {
    let mut session = db.read().await.expect("a session");
    let sql = "
        UPDATE _sqlx_migrations
           SET version = 99990101000000
         WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    on_engine!(session, |connection| {
        sqlx::query(AssertSqlSafe(sql))
            .execute(connection)
            .await
            .expect("an update");
    });
    for refused in [
        db.migrate().await.expect_err("too new"),
        db.schema_version().await.map(drop).expect_err("too new"),
    ] {
        assert!(
            matches!(
                refused,
                DbError::NewerSchema {
                    found: 99_990_101_000_000,
                    ..
                }
            ),
            "{refused:?}"
        );
    }
}

/// Has several programs start at once on an empty database.
async fn migrate_at_once(settings: Settings) {
    let first = Db::connect(&settings).await.expect("a database");
    assert_eq!(first.schema_version().await.expect("an answer"), None);
    let mut programs = JoinSet::new();
    for _ in 0..4 {
        let settings = settings.clone();
        programs.spawn(async move {
            let db = Db::connect(&settings).await.expect("a database");
            db.migrate().await.expect("a schema");
            db.close().await;
        });
    }
    programs.join_all().await;
    let version = first.schema_version().await.expect("an answer");
    assert!(version.expect("a version").is_current());
    first.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_start_at_once_migrate_a_file_once() {
    let folder = tempfile::tempdir().expect("a folder");
    migrate_at_once(in_file(&folder.path().join("a.db"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_start_at_once_migrate_a_server_once() {
    let (connection, name) = create().await;
    migrate_at_once(settings(connection)).await;
    drop_database(&name).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file/a.db");
    fs::write(folder.path().join("file"), "no folder").expect("a file");
    let error = Db::connect(&in_file(&path)).await.expect_err("no folder");
    assert!(error.to_string().contains("file/a.db"), "{error}");
}

#[tokio::test]
async fn the_connection_string_names_the_file_whose_folder_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/b.db");
    let db = Db::connect(&settings(format!("sqlite:///{}", path.display())))
        .await
        .expect("a database");
    assert!(db.is_embedded());
    db.close().await;
    let files: Vec<_> = fs::read_dir(folder.path().join("new"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(files, ["b.db"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_available() {
    let nobody = settings("postgresql://nobody:secret@127.0.0.1:1/none".to_owned());
    let error = Db::connect(&nobody).await.expect_err("no server");
    assert!(matches!(error, DbError::Unavailable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"));
}
