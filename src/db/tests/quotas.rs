//! Rules of what a project has, and of what is reserved for it.

use uuid::Uuid;

use super::{
    engines::on_every_engine,
    samples::{activate, at, full_image, id, image, insert, location},
};
use crate::{
    db::{Db, DbError, Reservation, Transaction, Usage},
    domain::{Image, ImageStatus},
};

on_every_engine![
    bytes_count_as_often_as_stores_hold_them,
    another_project_and_a_deleted_image_do_not_count,
    what_is_staged_or_arriving_counts_as_uploading,
    what_is_reserved_counts_for_its_project,
    only_the_holder_changes_a_reservation,
    a_reservation_ends_when_no_bytes_arrive_any_more,
    a_reservation_lasts_while_bytes_arrive,
    a_reservation_needs_an_image,
    who_locks_a_project_keeps_others_out,
    projects_are_locked_one_by_one,
];

const ANNA: Uuid = Uuid::from_u128(1);
const BERT: Uuid = Uuid::from_u128(2);

async fn usage(db: &Db, project: &str) -> Usage {
    let mut session = db.read().await.expect("a session");
    let usage = session.find_usage(project, None).await;
    usage.expect("what the project has")
}

fn in_status(number: u32, status: ImageStatus, size: Option<u64>) -> Image {
    Image {
        status,
        size,
        ..image(number)
    }
}

fn reservation(number: u32) -> Reservation<'static> {
    Reservation {
        image_id: id(number),
        holder: ANNA,
        project: "owner",
        stored: 7,
        staged: 11,
    }
}

async fn reserve(db: &Db, reservation: Reservation<'_>) {
    let mut session = db.read().await.expect("a session");
    let saved = session.save_reservation(&reservation).await;
    saved.expect("a reservation");
}

async fn bytes_count_as_often_as_stores_hold_them(db: Db) {
    let single = Image {
        size: Some(100),
        locations: vec![location("fast", 2)],
        ..full_image(2)
    };
    let lost = Image {
        locations: Vec::new(),
        ..full_image(3)
    };
    let closed = Image {
        status: ImageStatus::Deactivated,
        ..full_image(4)
    };
    insert(&db, [full_image(1), single, lost, closed]).await;
    let expected = Usage {
        images: 4,
        stored: 2 * 5 + 100 + 2 * 5,
        ..Usage::default()
    };
    assert_eq!(usage(&db, "owner").await, expected);
}

async fn another_project_and_a_deleted_image_do_not_count(db: Db) {
    assert_eq!(usage(&db, "owner").await, Usage::default());
    let owned = |number, owner: Option<&str>| Image {
        owner: owner.map(str::to_owned),
        ..full_image(number)
    };
    insert(
        &db,
        [owned(1, Some("other")), owned(2, None), full_image(3)],
    )
    .await;
    let mut tx = db.begin().await.expect("a transaction");
    let deleted = tx.delete_image(id(3), ImageStatus::Active, at(9)).await;
    assert!(deleted.expect("a deletion"));
    tx.commit().await.expect("a commit");
    assert_eq!(usage(&db, "owner").await, Usage::default());
}

async fn what_is_staged_or_arriving_counts_as_uploading(db: Db) {
    insert(
        &db,
        [
            in_status(1, ImageStatus::Queued, None),
            in_status(2, ImageStatus::Saving, None),
            in_status(3, ImageStatus::Uploading, None),
            in_status(4, ImageStatus::Uploading, Some(30)),
            in_status(5, ImageStatus::Importing, Some(12)),
        ],
    )
    .await;
    let expected = Usage {
        images: 5,
        uploading: 4,
        stored: 0,
        staged: 42,
    };
    assert_eq!(usage(&db, "owner").await, expected);
}

async fn what_is_reserved_counts_for_its_project(db: Db) {
    insert(&db, [in_status(1, ImageStatus::Importing, None), image(2)]).await;
    reserve(&db, reservation(1)).await;
    let elsewhere = Reservation {
        project: "other",
        ..reservation(2)
    };
    reserve(&db, elsewhere).await;
    let expected = Usage {
        images: 2,
        uploading: 1,
        stored: 7,
        staged: 11,
    };
    assert_eq!(usage(&db, "owner").await, expected);
    let mut session = db.read().await.expect("a session");
    let besides = session.find_usage("owner", Some(id(1))).await;
    let expected = Usage {
        stored: 0,
        staged: 0,
        ..expected
    };
    assert_eq!(besides.expect("what it has"), expected);
    drop(session);
    let expected = Usage {
        stored: 7,
        staged: 11,
        ..Usage::default()
    };
    assert_eq!(usage(&db, "other").await, expected);
}

async fn only_the_holder_changes_a_reservation(db: Db) {
    insert(&db, [in_status(1, ImageStatus::Saving, None)]).await;
    reserve(&db, reservation(1)).await;
    let grown = |holder| Reservation {
        holder,
        stored: 20,
        ..reservation(1)
    };
    let mut session = db.read().await.expect("a session");
    let changed = session.grow_reservation(&grown(BERT)).await;
    assert!(!changed.expect("an answer"));
    let changed = session.grow_reservation(&grown(ANNA)).await;
    assert!(changed.expect("an answer"));
    session.drop_reservation(id(1), BERT).await.expect("none");
    assert_eq!(usage(&db, "owner").await.stored, 20);

    // Another attempt takes the reservation over.
    reserve(
        &db,
        Reservation {
            holder: BERT,
            ..reservation(1)
        },
    )
    .await;
    let changed = session.grow_reservation(&grown(ANNA)).await;
    assert!(!changed.expect("an answer"));
    assert_eq!(usage(&db, "owner").await.stored, 7);
    session.drop_reservation(id(1), BERT).await.expect("one");
    assert_eq!(usage(&db, "owner").await.stored, 0);
}

async fn a_reservation_ends_when_no_bytes_arrive_any_more(db: Db) {
    let saving = |number| in_status(number, ImageStatus::Saving, None);
    insert(&db, [saving(1), saving(2), saving(3), saving(4)]).await;
    for number in 1..=4 {
        reserve(&db, reservation(number)).await;
    }
    assert_eq!(usage(&db, "owner").await.stored, 4 * 7);
    let mut tx = db.begin().await.expect("a transaction");
    assert!(activate(&mut tx, 1).await.expect("an activation"));
    for abandoned in [true, false] {
        let from = ImageStatus::Saving;
        let done = tx.abandon_image(id(2), from, at(9)).await;
        assert_eq!(done.expect("an answer"), abandoned);
    }
    let deleted = tx.delete_image(id(3), ImageStatus::Saving, at(9)).await;
    assert!(deleted.expect("a deletion"));
    tx.commit().await.expect("a commit");
    // The active image counts by itself, and the fourth still has its reservation.
    let expected = Usage {
        images: 3,
        uploading: 1,
        stored: 5 + 7,
        staged: 11,
    };
    assert_eq!(usage(&db, "owner").await, expected);
}

async fn a_reservation_lasts_while_bytes_arrive(db: Db) {
    insert(&db, [in_status(1, ImageStatus::Uploading, None)]).await;
    reserve(&db, reservation(1)).await;
    let mut session = db.read().await.expect("a session");
    assert!(
        session
            .record_staged(id(1), 5, None, at(9))
            .await
            .expect("one")
    );
    let (from, to) = (ImageStatus::Uploading, ImageStatus::Importing);
    let moved = session.move_image(id(1), from, to, at(9)).await;
    assert!(moved.expect("a move"));
    assert_eq!(usage(&db, "owner").await.stored, 7);
}

async fn a_reservation_needs_an_image(db: Db) {
    let mut session = db.read().await.expect("a session");
    let refused = session.save_reservation(&reservation(1)).await;
    assert!(matches!(refused, Err(DbError::Refused(_))), "{refused:?}");
}

/// Inserts an image unless the project has two.
async fn insert_one_of_two(db: &Db, number: u32) -> bool {
    let mut tx = db.begin().await.expect("a transaction");
    tx.lock_project("owner").await.expect("a lock");
    let usage = tx.find_usage("owner", None).await.expect("a sum");
    if usage.images == 2 {
        return false;
    }
    tx.insert_image(&image(number)).await.expect("an insert");
    tx.commit().await.expect("a commit");
    true
}

async fn who_locks_a_project_keeps_others_out(db: Db) {
    let tries: Vec<_> = (0..12)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move { insert_one_of_two(&db, number).await })
        })
        .collect();
    let mut inserted = 0;
    for attempt in tries {
        inserted += u32::from(attempt.await.expect("an attempt"));
    }
    assert_eq!(inserted, 2);
    assert_eq!(usage(&db, "owner").await.images, 2);
}

async fn projects_are_locked_one_by_one(db: Db) {
    if db.is_embedded() {
        // There, one transaction keeps all others out.
        let mut tx: Transaction = db.begin().await.expect("a transaction");
        tx.lock_project("owner").await.expect("a lock");
        tx.lock_project("owner").await.expect("the same lock");
        return;
    }
    let mut tx = db.begin().await.expect("a transaction");
    tx.lock_project("owner").await.expect("a lock");
    let mut other = db.begin().await.expect("a transaction");
    other.lock_project("other").await.expect("another lock");
}
