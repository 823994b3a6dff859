//! Asking for every copy of an image to be read again.

use std::fs;

use axum::http::Method;
use hallmark::worker::Turn;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{DATA, ask, copies, copy_of, damage, state};
use crate::support::{Engine, Persona, Registry, on_every_engine};

/// Notifications go to the outbox, and stay there.
const TOLD: &str = "[oslo_messaging_notifications]\ndriver = [\"log\"]\n";

on_every_engine![
    a_copy_is_known_to_be_sound_from_the_upload_on,
    a_sound_copy_is_confirmed,
    a_damaged_copy_is_found_and_told,
    a_copy_of_another_size_is_damaged,
    a_copy_that_is_gone_is_missing,
    a_store_that_holds_nothing_at_all_is_not_believed,
    a_copy_that_was_put_right_is_sound_again,
    asking_twice_reads_once,
    only_an_image_with_data_is_verified,
    a_deactivated_image_is_verified_too,
    every_digest_that_is_known_is_held_against_a_copy,
    an_image_that_is_deleted_meanwhile_is_forgotten,
];

async fn a_copy_is_known_to_be_sound_from_the_upload_on(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    assert!(copies(&registry, &id).await.is_empty());
    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(204);
    let copy = &copies(&registry, &id).await[0];
    assert_eq!(
        (&copy["state"], &copy["pending"]),
        (&json!("ok"), &json!(false))
    );
    assert!(copy["verified_at"].is_string(), "{copy}");
    assert_eq!(copy["verified_at"], copy["checked_at"]);
    // With one store, no store has a name.
    assert_eq!((copy.get("store"), copy.get("reason")), (None, None));
}

async fn a_sound_copy_is_confirmed(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    registry
        .execute("UPDATE image_copies SET verified_at = 1, checked_at = 1")
        .await;
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    let waiting = &copies(&registry, &id).await[0];
    assert_eq!(waiting["pending"], true);
    assert_eq!(waiting["verified_at"], "1970-01-01T00:00:00Z");

    registry.check().await;
    let copy = &copies(&registry, &id).await[0];
    assert_eq!(
        (&copy["state"], &copy["pending"]),
        (&json!("ok"), &json!(false))
    );
    assert_ne!(copy["verified_at"], "1970-01-01T00:00:00Z");
    let known = registry.digests(&id).await;
    let digests = known["digests"].as_array().expect("digests").iter();
    let scrubbed = digests.filter(|digest| digest["source"] == "scrub").count();
    assert_eq!(scrubbed, 2, "{known}");
}

async fn a_damaged_copy_is_found_and_told(engine: Engine) {
    let registry = Registry::with(engine, TOLD).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let before = registry.digests(&id).await["digests"].clone();
    damage(&registry, &id);
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;

    let copy = &copies(&registry, &id).await[0];
    assert_eq!(copy["state"], "damaged");
    let reason = copy["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("expected sha512:"), "{reason}");
    // When it was sound last is known still; the damaged bytes' digests are nobody's.
    assert!(copy["verified_at"].is_string(), "{copy}");
    assert_eq!(registry.digests(&id).await["digests"], before);
    // The operator wants to be told, and no more.
    assert_eq!(registry.shown(&id).await["status"], "active");

    let told = registry.told().await;
    let told: Vec<_> = told
        .iter()
        .filter(|told| told.event == "image.damaged")
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].priority, "ERROR");
    let payload = &told[0].payload;
    assert_eq!(payload["id"], json!(id));
    assert_eq!(payload["state"], "damaged");
    assert_eq!(payload["reason"], json!(reason));
}

async fn a_copy_of_another_size_is_damaged(engine: Engine) {
    let registry = Registry::open(engine).await;
    for data in ["", "0123", "0123456789abcdef0"] {
        let id = registry
            .active_image(Persona::MEMBER, json!({}), DATA)
            .await;
        fs::write(copy_of(&registry, &id), data).expect("a file");
        ask(&registry, &id, Persona::MEMBER).await.expect(202);
        registry.check().await;
        assert_eq!(state(&registry, &id).await, "damaged", "{data:?}");
        let reason = copies(&registry, &id).await[0]["reason"].clone();
        let why = format!("the data has {} bytes, but 16 were announced", data.len());
        assert_eq!(reason, why);
    }
}

async fn a_copy_that_is_gone_is_missing(engine: Engine) {
    let registry = Registry::open(engine).await;
    registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    fs::remove_file(copy_of(&registry, &id)).expect("a file");
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    assert_eq!(state(&registry, &id).await, "missing");
}

/// A file system that is not mounted leaves an empty folder.
async fn a_store_that_holds_nothing_at_all_is_not_believed(engine: Engine) {
    let registry = Registry::with(engine, "[worker]\nmax_attempts = 1").await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    fs::remove_file(copy_of(&registry, &id)).expect("a file");
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    assert_eq!(state(&registry, &id).await, "unreadable");
}

async fn a_copy_that_was_put_right_is_sound_again(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    damage(&registry, &id);
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    assert_eq!(state(&registry, &id).await, "damaged");

    fs::write(copy_of(&registry, &id), DATA).expect("a file");
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    let copy = &copies(&registry, &id).await[0];
    assert_eq!((&copy["state"], copy.get("reason")), (&json!("ok"), None));
}

async fn asking_twice_reads_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    for _ in 0..3 {
        ask(&registry, &id, Persona::MEMBER).await.expect(202);
    }
    let stop = CancellationToken::new();
    let worker = registry.app().worker();
    let turns = [
        worker.check(&stop).await.expect("a database"),
        worker.check(&stop).await.expect("a database"),
    ];
    assert_eq!(turns, [Turn::Worked, Turn::Idle]);
}

async fn only_an_image_with_data_is_verified(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let answer = ask(&registry, &id, Persona::MEMBER).await.expect(409);
    let text = answer.text();
    assert!(
        text.contains("cannot verify an image in status queued"),
        "{text}"
    );
}

async fn a_deactivated_image_is_verified_too(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let close = format!("/v2/images/{id}/actions/deactivate");
    let call = registry.call(Method::POST, &close);
    call.by(Persona::MEMBER).send().await.expect(204);
    damage(&registry, &id);
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    assert_eq!(state(&registry, &id).await, "damaged");
}

async fn every_digest_that_is_known_is_held_against_a_copy(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    // The copy has the image's own digests, but not this one.
    registry
        .execute(
            "INSERT INTO image_digests
             SELECT id, 'sha1', '00000000000000000000000000000000000000ff', 'publisher', store, 1, 1
               FROM images JOIN image_locations ON image_id = id",
        )
        .await;
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    let copy = &copies(&registry, &id).await[0];
    assert_eq!(copy["state"], "damaged");
    let reason = copy["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("expected sha1:"), "{reason}");
}

async fn an_image_that_is_deleted_meanwhile_is_forgotten(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    registry.check().await;
    assert_eq!(registry.files(), Vec::<String>::new());
    assert_eq!(ask(&registry, &id, Persona::ADMIN).await.status, 404);
}
