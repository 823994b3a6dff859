//! Rules of an image's life, and what the schema forbids whoever asks.

use sqlx::AssertSqlSafe;

use super::{
    engines::on_every_engine,
    samples::{activate, at, find, full_image, id, image, insert, location, member, verified},
};
use crate::{
    db::{Activation, Db, DbError, session::on_engine},
    domain::{Image, ImageStatus, MemberStatus},
};

on_every_engine![
    a_move_happens_once,
    of_many_who_move_at_once_one_does,
    staged_bytes_count_while_uploading_only,
    an_activation_sets_every_fact_at_once,
    an_activation_from_another_status_changes_nothing,
    abandoned_bytes_are_forgotten,
    a_deleted_image_leaves_its_id_its_digests_and_where_its_bytes_are,
    no_image_is_active_without_digests,
    the_bytes_of_a_verified_image_never_change,
    a_missing_legacy_digest_may_be_added,
    a_deleted_image_never_comes_back,
];

/// Runs a statement that no method of ours would.
async fn tamper(db: &Db, sql: &str) -> Result<u64, DbError> {
    let mut session = db.read().await?;
    Ok(on_engine!(session, |connection| {
        sqlx::query(AssertSqlSafe(sql.to_owned()))
            .execute(connection)
            .await?
            .rows_affected()
    }))
}

fn saving(number: u32) -> Image {
    Image {
        status: ImageStatus::Saving,
        ..image(number)
    }
}

async fn a_move_happens_once(db: Db) {
    insert(&db, [image(1)]).await;
    let mut session = db.read().await.expect("a session");
    let (from, to) = (ImageStatus::Queued, ImageStatus::Saving);
    assert!(
        session
            .move_image(id(1), from, to, at(9))
            .await
            .expect("a move")
    );
    assert!(
        !session
            .move_image(id(1), from, to, at(10))
            .await
            .expect("none")
    );
    let found = find(&db, 1).await.expect("the image");
    assert_eq!((found.status, found.updated_at), (to, at(9)));
}

async fn of_many_who_move_at_once_one_does(db: Db) {
    insert(&db, [image(1)]).await;
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut tx = db.begin().await.expect("a transaction");
                let (from, to) = (ImageStatus::Queued, ImageStatus::Saving);
                let moved = tx.move_image(id(1), from, to, at(9)).await.expect("a move");
                tx.commit().await.expect("a commit");
                moved
            })
        })
        .collect();
    let mut moves = 0;
    for attempt in tries {
        moves += u32::from(attempt.await.expect("a mover"));
    }
    assert_eq!(moves, 1);
}

async fn staged_bytes_count_while_uploading_only(db: Db) {
    let uploading = Image {
        status: ImageStatus::Uploading,
        ..image(1)
    };
    insert(&db, [uploading, image(2)]).await;
    let mut session = db.read().await.expect("a session");
    assert!(
        session
            .record_staged(id(1), 77, None, at(9))
            .await
            .expect("one")
    );
    assert!(
        !session
            .record_staged(id(2), 77, None, at(9))
            .await
            .expect("none")
    );
    assert_eq!(find(&db, 1).await.and_then(|image| image.size), Some(77));
    assert_eq!(find(&db, 2).await, Some(image(2)));
}

async fn an_activation_sets_every_fact_at_once(db: Db) {
    insert(&db, [saving(1)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    assert!(activate(&mut tx, 1).await.expect("an activation"));
    tx.commit().await.expect("a commit");
    let active = Image {
        status: ImageStatus::Active,
        size: Some(5),
        virtual_size: Some(10),
        os_hash_value: Some("07".repeat(32)),
        locations: vec![location("fast", 1)],
        updated_at: at(100),
        ..image(1)
    };
    assert_eq!(find(&db, 1).await, Some(active));
}

async fn an_activation_from_another_status_changes_nothing(db: Db) {
    insert(&db, [image(1)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    assert!(!activate(&mut tx, 1).await.expect("no activation"));
    tx.commit().await.expect("a commit");
    assert_eq!(find(&db, 1).await, Some(image(1)));
}

async fn abandoned_bytes_are_forgotten(db: Db) {
    let arriving = Image {
        size: Some(5),
        virtual_size: Some(6),
        checksum: Some("00".repeat(16)),
        os_hash_value: Some("00".repeat(32)),
        locations: vec![location("fast", 1)],
        ..saving(1)
    };
    insert(&db, [arriving]).await;
    let mut tx = db.begin().await.expect("a transaction");
    for abandoned in [true, false] {
        assert_eq!(
            tx.abandon_image(id(1), ImageStatus::Saving, at(9))
                .await
                .expect("an answer"),
            abandoned
        );
    }
    tx.commit().await.expect("a commit");
    let queued = Image {
        updated_at: at(9),
        ..image(1)
    };
    assert_eq!(find(&db, 1).await, Some(queued));
}

async fn a_deleted_image_leaves_its_id_its_digests_and_where_its_bytes_are(db: Db) {
    insert(&db, [full_image(1)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.insert_member(&member(1, "friend", MemberStatus::Accepted))
        .await
        .expect("a member");
    for deleted in [true, false] {
        assert_eq!(
            tx.delete_image(id(1), ImageStatus::Active, at(9))
                .await
                .expect("an answer"),
            deleted
        );
    }
    let again = tx.delete_image(id(1), ImageStatus::Deleted, at(9)).await;
    assert!(!again.expect("an answer"));
    tx.commit().await.expect("a commit");

    let mut session = db.read().await.expect("a session");
    assert_eq!(session.find_image(id(1)).await.expect("a look-up"), None);
    assert_eq!(
        session.find_status(id(1)).await.expect("a look-up"),
        Some(ImageStatus::Deleted)
    );
    assert_eq!(session.count_members(id(1)).await.expect("a count"), 0);
    let doomed = session.list_doomed_images(at(9), 10).await;
    assert_eq!(doomed.expect("a list"), [id(1)]);
    let stores = session.list_stores_of(id(1)).await.expect("a list");
    assert_eq!(stores.len(), full_image(1).locations.len());
    for store in stores {
        session
            .remove_location(id(1), &store)
            .await
            .expect("a removal");
    }
    let doomed = session.list_doomed_images(at(9), 10).await;
    assert_eq!(doomed.expect("a list"), []);
    for (table, rows) in [
        ("images WHERE os_hash_value IS NOT NULL AND size = 5", 1),
        ("image_properties", 0),
        ("image_tags", 0),
    ] {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let (count,): (i64,) = on_engine!(session, |connection| {
            sqlx::query_as(AssertSqlSafe(sql))
                .fetch_one(connection)
                .await
                .expect("a count")
        });
        assert_eq!(count, rows, "{table}");
    }
}

async fn no_image_is_active_without_digests(db: Db) {
    insert(&db, [saving(1)]).await;
    let mut session = db.read().await.expect("a session");
    let (from, to) = (ImageStatus::Saving, ImageStatus::Active);
    let refused = session.move_image(id(1), from, to, at(9)).await;
    assert!(matches!(refused, Err(DbError::Refused(_))), "{refused:?}");
    assert_eq!(find(&db, 1).await, Some(saving(1)));
}

async fn the_bytes_of_a_verified_image_never_change(db: Db) {
    let deactivated = Image {
        status: ImageStatus::Deactivated,
        ..full_image(2)
    };
    insert(&db, [full_image(1), deactivated, full_image(3)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.delete_image(id(3), ImageStatus::Active, at(9))
        .await
        .expect("a deletion");
    tx.commit().await.expect("a commit");
    for change in [
        "size = size + 1",
        "size = NULL",
        "checksum = 'ffffffffffffffffffffffffffffffff'",
        "checksum = NULL",
        "os_hash_algo = 'md5'",
        "os_hash_value = 'ff'",
        "os_hash_value = NULL",
        "status = 'queued', deleted_at = NULL",
        "status = 'saving', deleted_at = NULL",
        "id = '00000000-0000-4000-8000-000000000009'",
    ] {
        for number in 1..=3 {
            let sql = format!("UPDATE images SET {change} WHERE id = '{}'", id(number));
            let refused = tamper(&db, &sql).await;
            assert!(
                matches!(refused, Err(DbError::Refused(_))),
                "{sql}: {refused:?}"
            );
        }
    }
    assert_eq!(find(&db, 1).await, Some(full_image(1)));

    let mut tx = db.begin().await.expect("a transaction");
    let second = Activation {
        from: ImageStatus::Active,
        verified: &verified(),
        virtual_size: None,
        locations: &[],
        at: at(9),
    };
    let refused = tx.activate_image(id(1), &second).await;
    assert!(matches!(refused, Err(DbError::Refused(_))), "{refused:?}");
    drop(tx);
    let mut tx = db.begin().await.expect("a transaction");
    let refused = tx.abandon_image(id(1), ImageStatus::Active, at(9)).await;
    assert!(matches!(refused, Err(DbError::Refused(_))), "{refused:?}");
}

async fn a_missing_legacy_digest_may_be_added(db: Db) {
    let without = Image {
        checksum: None,
        ..full_image(1)
    };
    insert(&db, [without]).await;
    let sql = "UPDATE images SET checksum = '00000000000000000000000000000000'";
    assert_eq!(tamper(&db, sql).await.expect("an update"), 1);
    assert_eq!(find(&db, 1).await, Some(full_image(1)));
}

async fn a_deleted_image_never_comes_back(db: Db) {
    insert(&db, [full_image(1), image(2)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    for (number, from) in [(1, ImageStatus::Active), (2, ImageStatus::Queued)] {
        tx.delete_image(id(number), from, at(9))
            .await
            .expect("a deletion");
    }
    tx.commit().await.expect("a commit");
    for sql in [
        "UPDATE images SET status = 'active', deleted_at = NULL".to_owned(),
        format!(
            "UPDATE images SET status = 'queued', deleted_at = NULL WHERE id = '{}'",
            id(2)
        ),
        "DELETE FROM images".to_owned(),
    ] {
        let refused = tamper(&db, &sql).await;
        assert!(
            matches!(refused, Err(DbError::Refused(_))),
            "{sql}: {refused:?}"
        );
    }
}
