//! Copies that nobody asked for have their turn.

use serde_json::json;

use super::{DATA, copies, damage, state};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    a_copy_is_read_again_when_it_has_not_been_for_long,
    a_copy_that_was_just_written_is_not_read_again,
    scrubbing_can_be_switched_off,
];

const LONG_AGO: &str = "UPDATE image_copies SET verified_at = 1, checked_at = 1";

async fn a_copy_is_read_again_when_it_has_not_been_for_long(engine: Engine) {
    let registry = Registry::open(engine).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = registry
            .active_image(Persona::MEMBER, json!({}), DATA)
            .await;
        ids.push(id);
    }
    registry.execute(LONG_AGO).await;
    damage(&registry, &ids[1]);
    assert_eq!(registry.scrub().await, 3);
    for (id, found) in ids.iter().zip(["ok", "damaged", "ok"]) {
        assert_eq!(state(&registry, id).await, found);
        let copy = &copies(&registry, id).await[0];
        assert_ne!(copy["checked_at"], "1970-01-01T00:00:00Z");
    }
    assert_eq!(registry.scrub().await, 0);
}

async fn a_copy_that_was_just_written_is_not_read_again(engine: Engine) {
    let registry = Registry::open(engine).await;
    registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    assert_eq!(registry.scrub().await, 0);
}

async fn scrubbing_can_be_switched_off(engine: Engine) {
    let registry = Registry::with(engine, "[verification]\nscrub_age = 0").await;
    registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    registry.execute(LONG_AGO).await;
    assert_eq!(registry.scrub().await, 0);
}
