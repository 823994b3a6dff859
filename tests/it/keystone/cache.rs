//! What is remembered about tokens, and for how long.

use std::time::Duration;

use futures_util::future::join_all;
use hallmark::auth::CacheSettings;
use serde_json::json;

use crate::{
    keystone::{Door, is_refused},
    support::{Mood, in_seconds},
};

#[tokio::test]
async fn a_burst_of_requests_with_one_token_asks_once() {
    let door = Door::open().await;
    door.keystone.knows("alice", json!({}));
    door.keystone.is(Mood::Slow);
    let asked = join_all((0..50).map(|_| door.brings("alice"))).await;
    assert!(asked.iter().all(Result::is_ok), "{asked:?}");
    assert_eq!(door.validations(), 1);
    assert_eq!(door.keystone.asked().logins.len(), 1);
}

#[tokio::test]
async fn a_token_that_is_known_costs_no_question() {
    let door = Door::open().await;
    door.keystone.knows("alice", json!({}));
    let first = door.brings("alice").await.expect("a caller");
    for _ in 0..10 {
        assert_eq!(door.brings("alice").await.expect("a caller"), first);
    }
    assert_eq!(door.validations(), 1);
}

#[tokio::test]
async fn what_is_known_is_asked_anew_after_its_time() {
    let door = Door::open().await;
    door.keystone.knows("alice", json!({}));
    assert!(door.brings("alice").await.is_ok());
    door.keystone.forgets("alice");
    door.clock.by(Duration::from_secs(299));
    assert!(door.brings("alice").await.is_ok());
    door.clock.by(Duration::from_secs(1));
    assert!(is_refused(&door.brings("alice").await));
    assert_eq!(door.validations(), 2);
}

#[tokio::test]
async fn a_known_token_ends_when_it_expires() {
    let door = Door::open().await;
    let soon = json!({"expires_at": in_seconds(60)});
    door.keystone.knows("alice", soon);
    assert!(door.brings("alice").await.is_ok());
    door.clock.by(Duration::from_secs(61));
    // This Keystone's clock is late: ours decides.
    assert!(is_refused(&door.brings("alice").await));
}

#[tokio::test]
async fn without_a_cache_a_burst_asks_once_and_the_next_request_again() {
    let door = Door::with(|settings| settings.cache.time = None).await;
    door.keystone.knows("alice", json!({}));
    door.keystone.is(Mood::Slow);
    let asked = join_all((0..10).map(|_| door.brings("alice"))).await;
    assert!(asked.iter().all(Result::is_ok), "{asked:?}");
    assert_eq!(door.validations(), 1);
    assert!(door.brings("alice").await.is_ok());
    assert_eq!(door.validations(), 2);
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let door = Door::open().await;
    assert!(is_refused(&door.brings("alice").await));
    door.keystone.knows("alice", json!({}));
    assert!(door.brings("alice").await.is_ok());
}

#[tokio::test]
async fn ten_thousand_tokens_keep_the_cache_at_its_bound() {
    let size = 500;
    let time = Some(Duration::from_mins(5));
    let door = Door::with(|settings| settings.cache = CacheSettings { time, size }).await;
    for at in 0..100 {
        let names: Vec<_> = (0..100).map(|one| format!("token-{at}-{one}")).collect();
        for name in &names {
            door.keystone.knows(name, json!({}));
        }
        let asked = join_all(names.iter().map(|name| door.brings(name))).await;
        assert!(asked.iter().all(Result::is_ok));
    }
    assert_eq!(door.validations(), 10_000);
    // Entries beyond the bound go in small batches.
    let known = door.authenticator.known();
    assert!((1..=size + 200).contains(&known), "{known}");
}
