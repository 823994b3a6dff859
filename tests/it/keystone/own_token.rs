//! The registry's own token.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    keystone::{Door, is_unavailable},
    support::{Mood, in_seconds},
};

#[tokio::test]
async fn one_login_serves_many_questions() {
    let door = Door::open().await;
    let names: Vec<_> = (0..20).map(|one| format!("token-{one}")).collect();
    for name in &names {
        door.keystone.knows(name, json!({}));
    }
    let asked = join_all(names.iter().map(|name| door.brings(name))).await;
    assert!(asked.iter().all(Result::is_ok));
    let logins = door.keystone.asked().logins;
    let method = "application_credential";
    let credential = json!({"id": "c", "secret": "hunter2"});
    let identity = json!({"methods": [method], method: credential});
    assert_eq!(logins, [json!({"auth": {"identity": identity}})]);
}

#[tokio::test]
async fn the_token_is_renewed_before_it_expires() {
    let door = Door::open().await;
    door.keystone
        .knows("alice", json!({"expires_at": in_seconds(9000)}));
    assert!(door.brings("alice").await.is_ok());
    door.clock.by(Duration::from_secs(3600 - 70));
    assert!(door.brings("alice").await.is_ok());
    assert_eq!(door.keystone.asked().logins.len(), 1);
    door.clock.by(Duration::from_secs(20));
    door.keystone
        .knows("bob", json!({"expires_at": in_seconds(9000)}));
    assert!(door.brings("bob").await.is_ok());
    assert_eq!(door.keystone.asked().logins.len(), 2);
}

#[tokio::test]
async fn a_token_that_keystone_revoked_is_replaced_at_once_and_once() {
    let door = Door::open().await;
    let names: Vec<_> = (0..20).map(|one| format!("token-{one}")).collect();
    for name in &names {
        door.keystone.knows(name, json!({}));
    }
    assert!(door.brings(&names[0]).await.is_ok());
    door.keystone.revokes_own();
    let asked = join_all(names[1..].iter().map(|name| door.brings(name))).await;
    assert!(asked.iter().all(Result::is_ok), "{asked:?}");
    assert_eq!(door.keystone.asked().logins.len(), 2);
}

#[tokio::test]
async fn what_an_expired_token_is_allowed_is_asked_again_after_a_renewal() {
    let door = Door::open().await;
    door.keystone
        .knows("nova", json!({"roles": [{"name": "service"}]}));
    let expired = json!({"expires_at": in_seconds(-60)});
    door.keystone.knows("alice", expired);
    assert!(door.brings("nova").await.is_ok());
    door.keystone.revokes_own();
    assert!(door.brings_both("alice", "nova").await.is_ok());
    let asked = door.keystone.asked().validations;
    let about_alice: Vec<_> = asked.iter().filter(|(token, _)| token == "alice").collect();
    assert_eq!(about_alice.len(), 2);
    for (_, query) in about_alice {
        assert_eq!(query["allow_expired"], "1");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_right_after_the_login_lets_nobody_in() {
    let door = Door::open().await;
    door.keystone.knows("alice", json!({}));
    door.keystone.is(Mood::Rejecting);
    let answer = door.brings("alice").await;
    assert!(is_unavailable(&answer), "{answer:?}");
    assert_eq!(door.validations(), 2);
    assert_eq!(door.keystone.asked().logins.len(), 2);
}

#[tokio::test]
async fn logins_that_fail_are_not_tried_by_every_request() {
    let mut door = Door::open().await;
    door.keystone.stop().await;
    let tokens: Vec<_> = (0..50).map(|one| format!("token-{one}")).collect();
    let asked = join_all(tokens.iter().map(|token| door.brings(token))).await;
    assert!(asked.iter().all(is_unavailable));
    let lately = asked
        .iter()
        .filter(|answer| format!("{answer:?}").contains("Lately"));
    assert_eq!(lately.count(), 49);
}
