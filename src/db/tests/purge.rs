//! Rules of purging.

use std::collections::BTreeSet;

use super::{
    engines::on_every_engine,
    samples::{at, full_image, id, image, insert},
};
use crate::{
    db::{Db, DbError, purge::SATELLITES, session::Engine},
    domain::ImageStatus,
};

on_every_engine![
    an_image_leaves_a_tombstone_once_its_bytes_are_gone,
    what_is_not_deleted_or_too_young_is_not_purged,
    a_purged_id_is_never_used_again,
    all_that_belongs_to_an_image_goes,
];

async fn delete(db: &Db, numbers: &[u32], from: ImageStatus) {
    let mut tx = db.begin().await.expect("a transaction");
    for number in numbers {
        let deleted = tx.delete_image(id(*number), from, at(9)).await;
        assert!(deleted.expect("a deletion"));
    }
    tx.commit().await.expect("a commit");
}

async fn an_image_leaves_a_tombstone_once_its_bytes_are_gone(db: Db) {
    insert(&db, [full_image(1)]).await;
    delete(&db, &[1], ImageStatus::Active).await;
    let mut tx = db.begin().await.expect("a transaction");
    assert_eq!(tx.list_purgeable(at(10), 9).await.expect("a list"), []);
    assert!(!tx.purge_image(id(1), at(10)).await.expect("an answer"));
    for store in tx.list_stores_of(id(1)).await.expect("a list") {
        tx.remove_location(id(1), &store).await.expect("a removal");
    }
    let found = tx.list_purgeable(at(10), 9).await.expect("a list");
    assert_eq!(found, [id(1)]);
    assert!(!tx.is_purged(id(1)).await.expect("an answer"));
    assert!(tx.purge_image(id(1), at(10)).await.expect("an answer"));
    assert!(tx.is_purged(id(1)).await.expect("an answer"));
    assert!(!tx.purge_image(id(1), at(10)).await.expect("an answer"));
    let status = tx.find_status(id(1)).await.expect("an answer");
    assert_eq!(status, Some(ImageStatus::Deleted));
    tx.commit().await.expect("a commit");
}

async fn what_is_not_deleted_or_too_young_is_not_purged(db: Db) {
    insert(&db, [image(1), image(2)]).await;
    delete(&db, &[2], ImageStatus::Queued).await;
    let mut tx = db.begin().await.expect("a transaction");
    assert_eq!(tx.list_purgeable(at(9), 9).await.expect("a list"), []);
    for (number, before) in [(1, 10), (2, 9), (3, 10)] {
        let purged = tx.purge_image(id(number), at(before)).await;
        assert!(!purged.expect("an answer"), "{number}");
    }
}

async fn a_purged_id_is_never_used_again(db: Db) {
    insert(&db, [image(1)]).await;
    delete(&db, &[1], ImageStatus::Queued).await;
    let mut tx = db.begin().await.expect("a transaction");
    assert!(tx.purge_image(id(1), at(10)).await.expect("an answer"));
    tx.commit().await.expect("a commit");
    let mut tx = db.begin().await.expect("a transaction");
    let again = tx.insert_image(&image(1)).await;
    assert!(matches!(again, Err(DbError::Taken { .. })), "{again:?}");
}

/// A table that refers to images is one whose rows are purged, or one that keeps its image from
/// being purged.
async fn all_that_belongs_to_an_image_goes(db: Db) {
    const SQLITE: &str = "
        SELECT DISTINCT tables.name
          FROM sqlite_master AS tables
          JOIN pragma_foreign_key_list(tables.name) AS keys
         WHERE tables.type = 'table' AND keys.\"table\" = 'images'";
    const POSTGRES: &str = "
        SELECT DISTINCT CAST(conrelid AS regclass)::TEXT
          FROM pg_catalog.pg_constraint
         WHERE contype = 'f' AND confrelid = CAST('images' AS regclass)";
    let mut session = db.read().await.expect("a session");
    let tables: Result<Vec<(String,)>, _> = match session.engine() {
        Engine::Postgres(connection) => sqlx::query_as(POSTGRES).fetch_all(connection).await,
        Engine::Sqlite(connection) => sqlx::query_as(SQLITE).fetch_all(connection).await,
    };
    let tables = tables.expect("tables").into_iter().map(|(name,)| name);
    let keep = ["image_locations", "image_claims", "tasks"];
    let purged = SATELLITES.iter().filter_map(|sql| sql.split(' ').nth(2));
    let known = purged.map(str::trim).chain(keep).map(str::to_owned);
    assert_eq!(
        tables.collect::<BTreeSet<_>>(),
        known.collect::<BTreeSet<_>>()
    );
}
