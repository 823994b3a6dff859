//! Taking an image out of one of its stores.

use axum::http::Method;
use serde_json::json;

use super::{DATA, ask, copies, import, staged};
use crate::support::{Answer, Engine, Fault, Persona, Registry, on_every_engine};

on_every_engine![
    an_image_is_taken_out_of_one_store_and_stays_in_the_others,
    the_last_copy_stays,
    only_who_may_takes_an_image_out_of_a_store,
    what_cannot_be_taken_out_is_said_why,
    a_store_that_cannot_remove_the_bytes_keeps_its_copy,
    an_image_that_something_uses_is_not_deleted,
    two_deletions_at_a_time_leave_a_copy,
    an_image_that_is_being_copied_is_not_taken_out_of_a_store,
    what_was_taken_out_can_be_copied_again,
];

/// An image that all stores hold.
async fn image(registry: &Registry) -> String {
    let id = staged(registry).await;
    import(registry, &id, json!({"all_stores": true})).await;
    registry.work().await;
    id
}

async fn take_out(registry: &Registry, persona: Persona, store: &str, id: &str) -> Answer {
    let path = format!("/v2/stores/{store}/{id}");
    registry.delete(persona, &path).await
}

async fn an_image_is_taken_out_of_one_store_and_stays_in_the_others(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    let answer = take_out(&registry, Persona::ADMIN, "fast", &id).await;
    assert!(answer.expect(204).body.is_empty());
    let shown = registry.shown(&id).await;
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["stores"], "slow,spare");
    assert_eq!(registry.files(), copies(&id, &["slow", "spare"]));
    let file = format!("/v2/images/{id}/file");
    let read = registry.get(Persona::MEMBER, &file).await.expect(200);
    assert_eq!(read.text(), DATA);
}

async fn the_last_copy_stays(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let refused = take_out(&registry, Persona::ADMIN, "slow", &id).await;
    let text = refused.expect(403).text();
    assert!(text.contains("only store"), "{text}");
    assert_eq!(registry.files(), copies(&id, &["slow"]));
}

async fn only_who_may_takes_an_image_out_of_a_store(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    for (persona, status) in [(Persona::MEMBER, 403), (Persona::STRANGER, 404)] {
        let refused = take_out(&registry, persona, "fast", &id).await;
        refused.expect(status);
    }
    assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
}

async fn what_cannot_be_taken_out_is_said_why(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    let admin = Persona::ADMIN;
    let unknown = take_out(&registry, admin, "nowhere", &id).await;
    assert!(unknown.expect(409).text().contains("nowhere"));
    let no_image = "00000000-0000-4000-8000-000000000000";
    take_out(&registry, admin, "fast", no_image)
        .await
        .expect(404);
    take_out(&registry, admin, "fast", "zzz").await.expect(404);
    take_out(&registry, admin, "fast", &id).await.expect(204);
    let gone = take_out(&registry, admin, "fast", &id).await;
    assert!(gone.expect(404).text().contains("not stored on store fast"));
    let queued = registry.image(Persona::MEMBER, json!({})).await;
    take_out(&registry, admin, "fast", &queued)
        .await
        .expect(409);
    let path = format!("/v2/images/{id}/actions/deactivate");
    let call = registry.call(Method::POST, &path).by(admin);
    call.send().await.expect(204);
    take_out(&registry, admin, "slow", &id).await.expect(409);

    let single = Registry::open(engine).await;
    let id = single.active_image(Persona::MEMBER, json!({}), DATA).await;
    take_out(&single, admin, "file", &id).await.expect(404);
}

async fn a_store_that_cannot_remove_the_bytes_keeps_its_copy(engine: Engine) {
    for (fault, status) in [(Fault::Delete, 503), (Fault::InUse, 409)] {
        let (registry, stores) = Registry::several(engine, "").await;
        let id = image(&registry).await;
        stores.set("fast", fault);
        let refused = take_out(&registry, Persona::ADMIN, "fast", &id).await;
        refused.expect(status);
        assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
        stores.set("fast", Fault::None);
        let again = take_out(&registry, Persona::ADMIN, "fast", &id).await;
        again.expect(204);
    }
}

async fn an_image_that_something_uses_is_not_deleted(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    stores.set("slow", Fault::InUse);
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::ADMIN, &path).await.expect(409);
    assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
    stores.set("slow", Fault::None);
    registry.delete(Persona::ADMIN, &path).await.expect(204);
}

/// Many times over, since who locks what first is a matter of chance.
async fn two_deletions_at_a_time_leave_a_copy(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    for _ in 0..16 {
        let id = staged(&registry).await;
        import(&registry, &id, json!({"stores": ["fast", "slow"]})).await;
        registry.work().await;
        let (one, other) = tokio::join!(
            take_out(&registry, Persona::ADMIN, "fast", &id),
            take_out(&registry, Persona::ADMIN, "slow", &id),
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 204, "{statuses:?}");
        assert!([403, 409].contains(&statuses[1]), "{statuses:?}");
        let file = format!("/v2/images/{id}/file");
        registry.get(Persona::MEMBER, &file).await.expect(200);
        let path = format!("/v2/images/{id}");
        registry.delete(Persona::MEMBER, &path).await.expect(204);
    }
}

async fn an_image_that_is_being_copied_is_not_taken_out_of_a_store(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    take_out(&registry, Persona::ADMIN, "fast", &id)
        .await
        .expect(204);
    let body = json!({"method": {"name": "copy-image"}, "stores": ["fast"]});
    ask(&registry, Persona::ADMIN, &id, &body).await.expect(202);
    take_out(&registry, Persona::ADMIN, "slow", &id)
        .await
        .expect(409);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
}

async fn what_was_taken_out_can_be_copied_again(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    take_out(&registry, Persona::ADMIN, "slow", &id)
        .await
        .expect(204);
    let body = json!({"method": {"name": "copy-image"}, "all_stores": true});
    ask(&registry, Persona::ADMIN, &id, &body).await.expect(202);
    registry.work().await;
    assert_eq!(registry.files(), copies(&id, &["fast", "slow", "spare"]));
}
