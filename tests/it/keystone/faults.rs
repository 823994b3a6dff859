//! A Keystone that is away, slow, broken or lying.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hallmark::auth::KeystoneSettings;
use serde_json::json;

use crate::{
    keystone::{Door, get, is_refused, is_unavailable, registry},
    support::{Engine, FakeKeystone, Mood},
};

#[tokio::test]
async fn while_keystone_is_away_known_tokens_work_and_others_may_come_again() {
    let mut keystone = FakeKeystone::start().await;
    keystone.knows("alice", json!({}));
    let more = "http_request_max_retries = 0";
    let registry = registry(Engine::Sqlite, &keystone, more).await;
    let alice = [("x-auth-token", "alice")];
    get(&registry, "/v2/images", &alice).await.expect(200);
    keystone.stop().await;
    // A kept connection may outlive the listener.
    keystone.is(Mood::Broken);
    get(&registry, "/v2/images", &alice).await.expect(200);
    let other = [("x-auth-token", "secret-token-of-bob")];
    let answer = get(&registry, "/v2/images", &other).await.expect(503);
    assert_eq!(answer.header("retry-after"), "5");
    assert!(
        answer.text().contains("identity service"),
        "{}",
        answer.text()
    );
    assert!(!answer.text().contains("secret-token-of-bob"));
    let both = [alice[0], ("x-service-token", "unknown")];
    get(&registry, "/v2/images", &both).await.expect(503);
}

#[tokio::test]
async fn an_answer_that_is_not_clear_lets_nobody_in() {
    for mood in [
        Mood::Broken,
        Mood::Babbling,
        Mood::Confused,
        Mood::Redirecting,
        Mood::Stuck,
    ] {
        let half_a_second = Duration::from_millis(500);
        let bound = |settings: &mut KeystoneSettings| {
            if mood == Mood::Stuck {
                settings.session.transport.timeout = half_a_second;
            }
        };
        let door = Door::with(bound).await;
        door.keystone.knows("alice", json!({}));
        door.keystone.is(mood);
        let begun = Instant::now();
        let answer = door.brings("alice").await;
        assert!(is_unavailable(&answer), "{mood:?}: {answer:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{mood:?}");
        // A fault is tried again, once here; a redirect is not followed, and what took too long or
        // made no sense is not repeated.
        let times = if mood == Mood::Broken { 2 } else { 1 };
        assert_eq!(door.validations(), times, "{mood:?}");
        let told = format!("{answer:?}");
        assert!(!told.contains("alice") && !told.contains("own-1"), "{told}");
        door.keystone.is(Mood::Well);
        assert!(door.brings("alice").await.is_ok(), "{mood:?}");
    }
}

#[tokio::test]
async fn questions_beyond_a_number_wait() {
    let door = Door::open().await;
    let tokens: Vec<_> = (0..200).map(|one| format!("token-{one}")).collect();
    for token in &tokens {
        door.keystone.knows(token, json!({}));
    }
    door.keystone.is(Mood::Slow);
    let asked = join_all(tokens.iter().map(|token| door.brings(token))).await;
    assert!(asked.iter().all(Result::is_ok), "{asked:?}");
    let most = door.keystone.asked().most_under_way;
    assert!((2..=64).contains(&most), "{most}");
}

#[tokio::test]
async fn a_catalog_without_keystone_lets_nobody_in() {
    let door = Door::with(|settings| {
        settings.session.region_name = Some("elsewhere".into());
    })
    .await;
    door.keystone.knows("alice", json!({}));
    let answer = door.brings("alice").await;
    assert!(is_unavailable(&answer));
    let told = format!("{answer:?}");
    assert!(told.contains("the region elsewhere"), "{told}");
}

#[tokio::test]
async fn junk_is_refused_without_a_question() {
    let door = Door::open().await;
    for junk in ["a b", "a;b", "{}", &"a".repeat(2049)] {
        assert!(is_refused(&door.brings(junk).await));
    }
    assert!(is_refused(&door.asks("/v2/images", &[]).await));
    let twice = door.asks(
        "/v2/images",
        &[("x-auth-token", ""), ("x-storage-token", "a b")],
    );
    assert!(is_refused(&twice.await));
    assert_eq!(door.validations(), 0);
    assert_eq!(door.keystone.asked().logins.len(), 0);
}
