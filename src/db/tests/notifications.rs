//! Rules of the outbox.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    engines::on_every_engine,
    samples::{at, id, image},
};
use crate::{
    db::{Db, DbError, session::on_engine},
    domain::{Notification, Priority},
};

on_every_engine![
    what_was_put_in_comes_out_in_order,
    an_uncommitted_notification_never_was,
    a_notification_comes_and_goes_with_the_change_it_tells_of,
    a_batch_is_bounded_but_never_empty,
    only_what_was_delivered_is_taken_out,
    a_position_is_never_used_again,
    one_at_a_time_relays,
    the_relay_is_taken_over_when_it_lapsed,
    who_waits_is_told_of_a_commit_alone,
    a_row_that_means_nothing_is_named,
];

const ANNA: Uuid = Uuid::from_u128(1);
const BERT: Uuid = Uuid::from_u128(2);
const PLENTY: u32 = 1 << 20;

fn notification(number: u128) -> Notification {
    Notification {
        message_id: Uuid::from_u128(number),
        event_type: "image.create".into(),
        priority: Priority::Info,
        payload: r#"{"name": "débian 🦀"}"#.into(),
        created_at: at(7),
    }
}

async fn put_in(db: &Db, numbers: impl IntoIterator<Item = u128>) {
    let mut tx = db.begin().await.expect("a transaction");
    for number in numbers {
        let notification = notification(number);
        let inserted = tx.insert_notification(&notification).await;
        inserted.expect("an insert");
    }
    tx.commit().await.expect("a commit");
}

/// The numbers of the notifications that wait.
async fn waiting(db: &Db) -> Vec<u128> {
    let mut session = db.read().await.expect("a session");
    let queued = session.list_notifications(100, PLENTY).await;
    let queued = queued.expect("a list").into_iter();
    queued
        .map(|it| it.notification.message_id.as_u128())
        .collect()
}

async fn what_was_put_in_comes_out_in_order(db: Db) {
    put_in(&db, [3, 1, 2]).await;
    let mut session = db.read().await.expect("a session");
    let queued = session.list_notifications(100, PLENTY).await;
    let queued = queued.expect("a list");
    let notifications: Vec<_> = queued.iter().map(|it| it.notification.clone()).collect();
    assert_eq!(notifications, [3, 1, 2].map(notification));
    assert!(queued.is_sorted_by(|a, b| a.position < b.position));
    assert_eq!(session.count_notifications().await.expect("a count"), 3);
    assert!(!session.outbox_is_empty().await.expect("an answer"));
}

async fn an_uncommitted_notification_never_was(db: Db) {
    let mut tx = db.begin().await.expect("a transaction");
    let inserted = tx.insert_notification(&notification(1)).await;
    inserted.expect("an insert");
    drop(tx);
    assert_eq!(waiting(&db).await, []);
    let mut session = db.read().await.expect("a session");
    assert!(session.outbox_is_empty().await.expect("an answer"));
}

async fn a_notification_comes_and_goes_with_the_change_it_tells_of(db: Db) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.insert_image(&image(1)).await.expect("an insert");
    let inserted = tx.insert_notification(&notification(1)).await;
    inserted.expect("an insert");
    drop(tx);
    let mut session = db.read().await.expect("a session");
    assert_eq!(session.find_image(id(1)).await.expect("a look-up"), None);
    assert_eq!(waiting(&db).await, []);
}

async fn a_batch_is_bounded_but_never_empty(db: Db) {
    put_in(&db, 1..=4).await;
    let length = notification(1).payload.chars().count();
    let length = u32::try_from(length).expect("a short text");
    let mut session = db.read().await.expect("a session");
    for (limit, bytes, count) in [
        (3, PLENTY, 3),
        (100, 1, 1),
        (100, length, 1),
        (100, length + 1, 2),
    ] {
        let batch = session.list_notifications(limit, bytes).await;
        assert_eq!(batch.expect("a list").len(), count, "{limit}, {bytes}");
    }
}

async fn only_what_was_delivered_is_taken_out(db: Db) {
    put_in(&db, 1..=4).await;
    let mut session = db.read().await.expect("a session");
    let queued = session.list_notifications(100, PLENTY).await;
    let queued = queued.expect("a list");
    let delivered = [queued[0].position, queued[2].position];
    session
        .delete_notifications(&delivered)
        .await
        .expect("a removal");
    assert_eq!(waiting(&db).await, [2, 4]);
}

async fn a_position_is_never_used_again(db: Db) {
    put_in(&db, [1]).await;
    let mut session = db.read().await.expect("a session");
    let first = session.list_notifications(1, PLENTY).await.expect("a list");
    let removed = session.delete_notifications(&[first[0].position]).await;
    removed.expect("a removal");
    put_in(&db, [2]).await;
    let second = session.list_notifications(1, PLENTY).await.expect("a list");
    assert!(second[0].position > first[0].position);
}

async fn one_at_a_time_relays(db: Db) {
    let mut session = db.read().await.expect("a session");
    let mut hold = async |holder, now, until| {
        let held = session.hold_relay(holder, at(now), at(until)).await;
        held.expect("an answer")
    };
    assert!(hold(ANNA, 1, 10).await);
    assert!(!hold(BERT, 2, 20).await);
    assert!(hold(ANNA, 9, 30).await);
    assert!(!hold(BERT, 11, 40).await);
    // Only the holder gives it up.
    session.release_relay(BERT).await.expect("nothing");
    assert!(
        !session
            .hold_relay(BERT, at(12), at(40))
            .await
            .expect("an answer")
    );
    session.release_relay(ANNA).await.expect("a release");
    assert!(
        session
            .hold_relay(BERT, at(13), at(40))
            .await
            .expect("an answer")
    );
}

async fn the_relay_is_taken_over_when_it_lapsed(db: Db) {
    let mut session = db.read().await.expect("a session");
    for (holder, now, held) in [(ANNA, 1, true), (BERT, 11, false), (BERT, 12, true)] {
        let answer = session.hold_relay(holder, at(now), at(now + 10)).await;
        assert_eq!(answer.expect("an answer"), held, "{now}");
    }
    let lost = session.hold_relay(ANNA, at(13), at(20)).await;
    assert!(!lost.expect("an answer"));
}

async fn who_waits_is_told_of_a_commit_alone(db: Db) {
    let told = async || timeout(Duration::from_millis(1), db.outbox_filled()).await;
    let tx = db.begin().await.expect("a transaction");
    tx.commit().await.expect("a commit");
    let mut tx = db.begin().await.expect("a transaction");
    let inserted = tx.insert_notification(&notification(1)).await;
    inserted.expect("an insert");
    assert!(told().await.is_err());
    tx.commit().await.expect("a commit");
    assert!(told().await.is_ok());
    assert!(told().await.is_err());
}

async fn a_row_that_means_nothing_is_named(db: Db) {
    put_in(&db, [1]).await;
    let mut session = db.read().await.expect("a session");
    let sql = "UPDATE notifications SET message_id = 'x'";
    on_engine!(session, |connection| {
        sqlx::query(AssertSqlSafe(sql))
            .execute(connection)
            .await
            .expect("an update");
    });
    let error = session.list_notifications(1, PLENTY).await;
    assert!(
        matches!(&error, Err(DbError::Unsound { table: "notifications", row, .. }) if row == "x"),
        "{error:?}"
    );
}
