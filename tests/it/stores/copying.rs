//! Copies of an active image, made in further stores.

use axum::http::Method;
use serde_json::{Value, json};

use super::{DATA, ask, copies, recorded, task};
use crate::support::{Engine, Fault, Persona, Registry, on_every_engine};

on_every_engine![
    an_administrator_copies_an_image_to_further_stores,
    nobody_else_does_unless_the_policy_says_so,
    with_an_open_policy_a_member_copies_what_its_project_owns_and_nothing_else,
    a_store_that_holds_the_image_is_refused_by_name,
    with_nothing_left_to_copy_there_is_no_task,
    only_an_active_image_is_copied,
    a_copy_that_fails_leaves_the_image_as_it_was,
    one_store_that_fails_fails_the_copy_when_all_must_succeed,
    a_damaged_copy_does_not_spread,
    another_copy_is_read_when_one_is_damaged,
    a_copy_is_recorded_with_its_digests,
    the_image_can_be_read_while_it_is_copied,
    unpublished_bytes_of_a_copy_are_not_swept_away,
    a_copy_counts_against_the_quota,
];

fn copy_image(more: Value) -> Value {
    let mut body = json!({"method": {"name": "copy-image"}});
    let Value::Object(more) = more else {
        panic!("keys")
    };
    body.as_object_mut().expect("an object").extend(more);
    body
}

async fn copy(registry: &Registry, id: &str, more: Value) {
    let asked = ask(registry, Persona::ADMIN, id, &copy_image(more)).await;
    asked.expect(202);
}

/// An image that the store `slow` holds.
async fn image(registry: &Registry) -> String {
    registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await
}

async fn an_administrator_copies_an_image_to_further_stores(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    copy(&registry, &id, json!({"stores": ["spare", "fast"]})).await;
    let shown = registry.shown(&id).await;
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["os_glance_importing_to_stores"], "spare,fast");
    assert_eq!(
        shown["os_glance_import_task"],
        task(&registry, &id).await["id"]
    );
    registry.work().await;
    let shown = registry.shown(&id).await;
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["stores"], "fast,slow,spare");
    assert_eq!(shown["os_glance_importing_to_stores"], "");
    assert_eq!(shown["os_glance_failed_import"], "");
    assert_eq!(shown.get("os_glance_import_task"), None);
    assert_eq!(registry.files(), copies(&id, &["fast", "slow", "spare"]));
    let task = task(&registry, &id).await;
    assert_eq!(task["status"], "success");
    assert_eq!(task["input"]["import_req"]["method"]["name"], "copy-image");
}

async fn nobody_else_does_unless_the_policy_says_so(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    let body = copy_image(json!({"all_stores": true}));
    for (persona, status) in [
        (Persona::MEMBER, 403),
        (Persona::READER, 403),
        (Persona::STRANGER, 404),
    ] {
        ask(&registry, persona, &id, &body).await.expect(status);
    }
    assert_eq!(task(&registry, &id).await, Value::Null);
}

async fn with_an_open_policy_a_member_copies_what_its_project_owns_and_nothing_else(
    engine: Engine,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.yaml");
    let rules = "\"copy_image\": \"role:member and project_id:%(project_id)s\"\n";
    std::fs::write(&file, rules).expect("a file");
    let settings = format!("[oslo_policy]\npolicy_file = \"{}\"", file.display());
    let (registry, _) = Registry::several(engine, &settings).await;
    let own = image(&registry).await;
    let body = copy_image(json!({"stores": ["fast"]}));
    let refused = ask(&registry, Persona::READER, &own, &body).await;
    refused.expect(403);
    let accepted = ask(&registry, Persona::MEMBER, &own, &body).await;
    accepted.expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&own).await["stores"], "fast,slow");
    assert_eq!(
        task(&registry, &own).await["owner"],
        Persona::MEMBER.project
    );

    for visibility in ["shared", "community"] {
        let more = json!({"visibility": visibility});
        let id = registry.active_image(Persona::STRANGER, more, DATA).await;
        if visibility == "shared" {
            share(&registry, &id).await;
        }
        let path = format!("/v2/images/{id}");
        registry.get(Persona::MEMBER, &path).await.expect(200);
        let refused = ask(&registry, Persona::MEMBER, &id, &body).await;
        refused.expect(403);
        registry.work().await;
        assert_eq!(registry.shown(&id).await["stores"], "slow");
    }
}

/// A stranger's image is shared with the usual project, which accepts it.
async fn share(registry: &Registry, id: &str) {
    let member = Persona::MEMBER.project;
    let path = format!("/v2/images/{id}/members");
    let body = json!({"member": member});
    let shared = registry.post(Persona::STRANGER, &path, &body).await;
    shared.expect(200);
    let path = format!("{path}/{member}");
    let body = json!({"status": "accepted"});
    let accepted = registry.put(Persona::MEMBER, &path, &body).await;
    accepted.expect(200);
}

async fn a_store_that_holds_the_image_is_refused_by_name(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    for more in [json!({"stores": ["fast", "slow"]}), json!({})] {
        let refused = ask(&registry, Persona::ADMIN, &id, &copy_image(more)).await;
        let text = refused.expect(400).text();
        assert!(text.contains("'slow'"), "{text}");
    }
    let unknown = copy_image(json!({"stores": ["nowhere"]}));
    ask(&registry, Persona::ADMIN, &id, &unknown)
        .await
        .expect(409);
    assert_eq!(registry.shown(&id).await["stores"], "slow");
}

async fn with_nothing_left_to_copy_there_is_no_task(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    copy(&registry, &id, json!({"all_stores": true})).await;
    registry.work().await;
    let first = task(&registry, &id).await;
    copy(&registry, &id, json!({"all_stores": true})).await;
    assert_eq!(task(&registry, &id).await, first);
    assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
}

async fn only_an_active_image_is_copied(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let queued = registry.image(Persona::MEMBER, json!({})).await;
    let closed = image(&registry).await;
    let path = format!("/v2/images/{closed}/actions/deactivate");
    let call = registry.call(Method::POST, &path).by(Persona::ADMIN);
    call.send().await.expect(204);
    for id in [&queued, &closed] {
        let body = copy_image(json!({"stores": ["fast"]}));
        ask(&registry, Persona::ADMIN, id, &body).await.expect(409);
    }
}

/// The image is as it was, and says which stores could not be filled.
async fn assert_untouched(registry: &Registry, id: &str, failed: &str) {
    let shown = registry.shown(id).await;
    assert_eq!(shown["status"], "active", "{shown}");
    assert_eq!(shown["stores"], "slow");
    assert_eq!(shown["os_glance_failed_import"], failed);
    assert_eq!(shown["os_glance_importing_to_stores"], "");
    assert_eq!(shown.get("os_glance_import_task"), None);
    assert_eq!(registry.files(), copies(id, &["slow"]));
    assert_eq!(task(registry, id).await["status"], "failure");
}

async fn a_copy_that_fails_leaves_the_image_as_it_was(engine: Engine) {
    for fault in [Fault::Receive, Fault::Publish, Fault::Delete] {
        let (registry, stores) = Registry::several(engine, "").await;
        let id = image(&registry).await;
        stores.set("fast", fault);
        copy(&registry, &id, json!({"stores": ["fast"]})).await;
        registry.work().await;
        assert_untouched(&registry, &id, "fast").await;
        stores.set("fast", Fault::None);
        copy(&registry, &id, json!({"stores": ["fast"]})).await;
        registry.work().await;
        let shown = registry.shown(&id).await;
        assert_eq!(shown["stores"], "fast,slow");
        assert_eq!(shown["os_glance_failed_import"], "");
    }
}

async fn one_store_that_fails_fails_the_copy_when_all_must_succeed(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    stores.set("spare", Fault::Publish);
    copy(&registry, &id, json!({"all_stores": true})).await;
    registry.work().await;
    assert_untouched(&registry, &id, "spare").await;
    let any = json!({"all_stores": true, "all_stores_must_succeed": false});
    copy(&registry, &id, any).await;
    registry.work().await;
    let shown = registry.shown(&id).await;
    assert_eq!(shown["stores"], "fast,slow");
    assert_eq!(shown["os_glance_failed_import"], "spare");
    assert_eq!(task(&registry, &id).await["status"], "success");
}

async fn a_damaged_copy_does_not_spread(engine: Engine) {
    for (fault, code) in [
        (Fault::Alter, "CHECKSUM_VERIFICATION_FAILED"),
        (Fault::BreakOff(3), "DATA_INTERRUPTED"),
        (Fault::Open, "STORE_UNAVAILABLE"),
    ] {
        let (registry, stores) = Registry::several(engine, "").await;
        let id = image(&registry).await;
        stores.set("slow", fault);
        copy(&registry, &id, json!({"stores": ["fast", "spare"]})).await;
        registry.work().await;
        assert_untouched(&registry, &id, "fast,spare").await;
        let message = task(&registry, &id).await["message"].clone();
        let message = message.as_str().expect("a message").to_owned();
        assert!(message.starts_with(code), "{message}");
    }
}

async fn another_copy_is_read_when_one_is_damaged(engine: Engine) {
    for fault in [Fault::Alter, Fault::BreakOff(3), Fault::Open] {
        let (registry, stores) = Registry::several(engine, "").await;
        let id = image(&registry).await;
        copy(&registry, &id, json!({"stores": ["fast"]})).await;
        registry.work().await;
        stores.set("fast", fault);
        copy(&registry, &id, json!({"stores": ["spare"]})).await;
        registry.work().await;
        assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
        let copied = registry.folder().join(format!("stores/spare/{id}"));
        assert_eq!(std::fs::read_to_string(copied).expect("a file"), DATA);
    }
}

async fn a_copy_is_recorded_with_its_digests(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    assert_eq!(recorded(&registry, &id).await, ["slow"]);
    copy(&registry, &id, json!({"stores": ["fast"]})).await;
    registry.work().await;
    assert_eq!(recorded(&registry, &id).await, ["fast", "slow"]);
}

async fn the_image_can_be_read_while_it_is_copied(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    copy(&registry, &id, json!({"stores": ["fast"]})).await;
    let _hangs = super::takeover::hang(&registry, &stores, "fast").await;
    super::takeover::aside(&registry, "fast").await;
    let file = format!("/v2/images/{id}/file");
    let read = registry.get(Persona::MEMBER, &file).await.expect(200);
    assert_eq!(read.text(), DATA);
    let second = copy_image(json!({"stores": ["spare"]}));
    ask(&registry, Persona::ADMIN, &id, &second)
        .await
        .expect(409);
}

async fn unpublished_bytes_of_a_copy_are_not_swept_away(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    copy(&registry, &id, json!({"stores": ["fast"]})).await;
    let hangs = super::takeover::hang(&registry, &stores, "fast").await;
    super::takeover::aside(&registry, "fast").await;
    let swept = registry.app().maintenance().sweep().await.expect("a sweep");
    assert_eq!(swept.leftovers, 0);
    hangs.abort();
}

async fn a_copy_counts_against_the_quota(engine: Engine) {
    let settings = format!("user_storage_quota = \"{}\"", 2 * DATA.len());
    let (registry, stores) = Registry::several(engine, &settings).await;
    let id = image(&registry).await;
    let body = copy_image(json!({"all_stores": true}));
    ask(&registry, Persona::ADMIN, &id, &body).await.expect(413);
    let next = registry.image(Persona::MEMBER, json!({})).await;

    // What is reserved for a copy is free again when it fails.
    stores.set("fast", Fault::Receive);
    copy(&registry, &id, json!({"stores": ["fast"]})).await;
    registry
        .upload(Persona::MEMBER, &next, "x")
        .await
        .expect(413);
    registry.work().await;
    registry
        .upload(Persona::MEMBER, &next, "x")
        .await
        .expect(204);
    copy_too_much(&registry, &id).await;
}

async fn copy_too_much(registry: &Registry, id: &str) {
    let body = copy_image(json!({"stores": ["spare"]}));
    ask(registry, Persona::ADMIN, id, &body).await.expect(413);
}
