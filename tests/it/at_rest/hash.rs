//! Asking for a further digest of an image.

use serde_json::json;

use super::{DATA, SHA256, ask_for_hash, copies, damage, state};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    a_further_digest_is_found_and_recorded,
    a_digest_that_is_known_is_not_read_for,
    the_images_own_digest_never_changes,
    an_algorithm_that_is_not_allowed_is_refused,
    only_an_active_image_is_hashed,
    a_damaged_copy_gets_no_new_digest,
    several_digests_are_found_by_one_reading,
];

async fn a_further_digest_is_found_and_recorded(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    ask_for_hash(&registry, &id, "sha256").await.expect(202);
    registry.check().await;

    let known = registry.digests(&id).await;
    let found = known["digests"].as_array().expect("digests");
    let found: Vec<_> = found
        .iter()
        .filter(|digest| digest["algorithm"] == "sha256")
        .map(|digest| (&digest["value"], &digest["source"]))
        .collect();
    assert_eq!(found, [(&json!(SHA256), &json!("backfill"))]);
    let list = format!("/v2/images?digest=sha256:{SHA256}");
    let list = registry
        .get(Persona::MEMBER, &list)
        .await
        .expect(200)
        .json();
    assert_eq!(list["images"][0]["id"], json!(id));
}

async fn a_digest_that_is_known_is_not_read_for(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    for algorithm in ["sha512", "md5"] {
        ask_for_hash(&registry, &id, algorithm).await.expect(202);
        assert_eq!(copies(&registry, &id).await[0]["pending"], false);
    }
}

async fn the_images_own_digest_never_changes(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let before = registry.shown(&id).await;
    ask_for_hash(&registry, &id, "sha1").await.expect(202);
    registry.check().await;
    assert_eq!(registry.shown(&id).await, before);
}

async fn an_algorithm_that_is_not_allowed_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    for algorithm in ["blake3", "SHA256", "", "crc32", &"a".repeat(65)] {
        let answer = ask_for_hash(&registry, &id, algorithm).await.expect(400);
        assert!(answer.text().contains("os_hash_algo"), "{algorithm}");
    }
    let path = format!("/v2/images/{id}/hash");
    for body in [
        json!({}),
        json!({"os_hash_algo": 1}),
        json!({"os_hash_algo": "sha256", "more": 1}),
        json!(["sha256"]),
    ] {
        let answer = registry.post(Persona::ADMIN, &path, &body).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    assert_eq!(copies(&registry, &id).await[0]["pending"], false);
}

async fn only_an_active_image_is_hashed(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let answer = ask_for_hash(&registry, &id, "sha256").await.expect(409);
    let text = answer.text();
    assert!(
        text.contains("cannot hash an image in status queued"),
        "{text}"
    );
}

async fn a_damaged_copy_gets_no_new_digest(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    damage(&registry, &id);
    ask_for_hash(&registry, &id, "sha256").await.expect(202);
    registry.check().await;
    assert_eq!(state(&registry, &id).await, "damaged");
    let known = registry.digests(&id).await.to_string();
    assert!(!known.contains("sha256"), "{known}");
    // There is no copy left to find it of.
    ask_for_hash(&registry, &id, "sha256").await.expect(409);
}

async fn several_digests_are_found_by_one_reading(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    for algorithm in ["sha256", "sha1"] {
        ask_for_hash(&registry, &id, algorithm).await.expect(202);
    }
    let stop = tokio_util::sync::CancellationToken::new();
    registry.app().worker().check(&stop).await.expect("a turn");
    let known = registry.digests(&id).await;
    assert_eq!(known["copies"][0]["pending"], false);
    let found = known["digests"].as_array().expect("digests");
    for algorithm in ["sha256", "sha1"] {
        assert!(
            found.iter().any(|digest| digest["algorithm"] == algorithm),
            "{known}"
        );
    }
}
