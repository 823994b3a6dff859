//! No two processes read a copy at once, and what a process leaves is done by another.

use std::{fs, os::unix::fs::symlink};

use hallmark::worker::{Turn, Worker};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{DATA, ask, copies, copy_of, state};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    two_processes_share_the_copies_that_wait,
    two_processes_share_the_copies_that_were_not_read_for_long,
    a_reading_whose_process_stopped_is_done_by_another,
    a_store_that_cannot_be_read_is_tried_again_and_then_given_up,
    a_store_that_can_be_read_again_ends_the_trouble,
    a_process_that_stops_leaves_the_copy_to_others,
];

const IMAGES: usize = 12;

/// The next attempt of whatever waits need not be waited for.
const DUE: &str = "UPDATE checks SET due_at = 1";

async fn images(registry: &Registry) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..IMAGES {
        let id = registry
            .active_image(Persona::MEMBER, json!({}), DATA)
            .await;
        ids.push(id);
    }
    ids
}

async fn two_processes_share_the_copies_that_wait(engine: Engine) {
    let registry = Registry::open(engine).await;
    let twin = registry.twin().await;
    for id in images(&registry).await {
        ask(&registry, &id, Persona::MEMBER).await.expect(202);
    }
    let stop = CancellationToken::new();
    let work = async |worker: &Worker| {
        let mut count = 0;
        while worker.check(&stop).await.expect("a database") == Turn::Worked {
            count += 1;
        }
        count
    };
    let (one, other) = tokio::join!(work(registry.app().worker()), work(twin.worker()));
    assert_eq!(one + other, IMAGES, "each copy was read once");
}

async fn two_processes_share_the_copies_that_were_not_read_for_long(engine: Engine) {
    let registry = Registry::open(engine).await;
    let twin = registry.twin().await;
    images(&registry).await;
    registry
        .execute("UPDATE image_copies SET verified_at = 1, checked_at = 1")
        .await;
    let stop = CancellationToken::new();
    let work = async |worker: &Worker| {
        let mut count = 0;
        while worker.scrub(&stop).await.expect("a database") == Turn::Worked {
            count += 1;
        }
        count
    };
    let (one, other) = tokio::join!(work(registry.app().worker()), work(twin.worker()));
    assert_eq!(one + other, IMAGES, "each copy was read once");
}

async fn a_reading_whose_process_stopped_is_done_by_another(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    // As a process leaves it that is killed while it reads.
    registry
        .execute(
            "UPDATE checks
                SET holder = 'somebody', begun_at = asked_at, attempts = 1,
                    lease_until = 9000000000000000",
        )
        .await;
    registry.check().await;
    assert_eq!(copies(&registry, &id).await[0]["pending"], true);
    // A scrub leaves it alone, too.
    registry
        .execute("UPDATE image_copies SET checked_at = 1")
        .await;
    assert_eq!(registry.scrub().await, 0);

    registry.execute("UPDATE checks SET lease_until = 1").await;
    registry.check().await;
    let copy = &copies(&registry, &id).await[0];
    assert_eq!(
        (&copy["state"], &copy["pending"]),
        (&json!("ok"), &json!(false))
    );
}

/// Makes the copy a file that can be found and not opened: a link to itself.
fn spoil(registry: &Registry, id: &str) {
    let copy = copy_of(registry, id);
    fs::remove_file(&copy).expect("a file");
    symlink(&copy, &copy).expect("a link");
}

async fn a_store_that_cannot_be_read_is_tried_again_and_then_given_up(engine: Engine) {
    let registry = Registry::with(engine, "[worker]\nmax_attempts = 3").await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    spoil(&registry, &id);
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    for _ in 0..2 {
        registry.check().await;
        let copy = &copies(&registry, &id).await[0];
        assert_eq!(
            (&copy["state"], &copy["pending"]),
            (&json!("ok"), &json!(true))
        );
        registry.execute(DUE).await;
    }
    registry.check().await;
    let copy = &copies(&registry, &id).await[0];
    assert_eq!(
        (&copy["state"], &copy["pending"], &copy["reason"]),
        (
            &json!("unreadable"),
            &json!(false),
            &json!("the store is not available")
        )
    );
}

async fn a_store_that_can_be_read_again_ends_the_trouble(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    spoil(&registry, &id);
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    fs::remove_file(copy_of(&registry, &id)).expect("a link");
    fs::write(copy_of(&registry, &id), DATA).expect("a file");
    // The next attempt is not due at once.
    registry.check().await;
    assert_eq!(copies(&registry, &id).await[0]["pending"], true);
    registry.execute(DUE).await;
    registry.check().await;
    assert_eq!(copies(&registry, &id).await[0]["pending"], false);
    assert_eq!(state(&registry, &id).await, "ok");
}

async fn a_process_that_stops_leaves_the_copy_to_others(engine: Engine) {
    let registry = Registry::with(engine, "[worker]\nmax_attempts = 1").await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    let stop = CancellationToken::new();
    stop.cancel();
    for _ in 0..3 {
        let turn = registry.app().worker().check(&stop).await;
        assert_eq!(turn.expect("a database"), Turn::Worked);
        assert_eq!(copies(&registry, &id).await[0]["pending"], true);
    }
    // It counts as not begun: the one attempt is left.
    registry.check().await;
    assert_eq!(copies(&registry, &id).await[0]["pending"], false);
    assert_eq!(state(&registry, &id).await, "ok");
}
