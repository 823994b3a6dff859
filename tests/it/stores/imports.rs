//! Imports into several stores at once.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{Router, extract::State, http::Method, routing::get};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{DATA, ask, copies, import, recorded, staged, task};
use crate::support::{Answer, Engine, Fault, Origin, Persona, Registry, on_every_engine};

on_every_engine![
    an_import_fills_all_stores_it_names,
    all_stores_are_filled_by_one_read_of_the_source,
    the_best_store_comes_first_whatever_the_order_asked_for,
    a_store_named_twice_is_filled_once,
    the_store_may_be_named_in_a_header_instead,
    a_store_that_fails_fails_the_import_when_all_must_succeed,
    a_store_that_cannot_publish_takes_the_others_back,
    a_store_that_fails_stops_no_other_when_any_will_do,
    when_no_store_takes_it_the_import_fails,
    bytes_that_are_not_what_they_should_be_reach_no_store,
    imports_into_the_same_stores_run_at_the_same_time,
    each_copy_counts_against_the_quota,
    what_an_import_left_in_a_store_stops_no_upload,
];

async fn an_import_fills_all_stores_it_names(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = staged(&registry).await;
    import(&registry, &id, json!({"stores": ["slow", "spare"]})).await;
    let image = registry.shown(&id).await;
    assert_eq!(image["os_glance_importing_to_stores"], "slow,spare");
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image["size"], DATA.len());
    assert_eq!(image["stores"], "slow,spare");
    assert_eq!(image["os_glance_importing_to_stores"], "");
    assert_eq!(image["os_glance_failed_import"], "");
    assert_eq!(registry.files(), copies(&id, &["slow", "spare"]));
    assert_eq!(recorded(&registry, &id).await, ["slow", "spare"]);
    assert_eq!(task(&registry, &id).await["status"], "success");
}

async fn all_stores_are_filled_by_one_read_of_the_source(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let asked = Arc::new(AtomicU32::new(0));
    let serve = async |State(asked): State<Arc<AtomicU32>>| {
        asked.fetch_add(1, Ordering::Relaxed);
        DATA
    };
    let router = Router::new().route("/image", get(serve));
    let origin = Origin::running(router.with_state(Arc::clone(&asked))).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let method = json!({"name": "web-download", "uri": origin.url("image")});
    let body = json!({"method": method, "all_stores": true});
    ask(&registry, Persona::MEMBER, &id, &body)
        .await
        .expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
    assert_eq!(registry.files(), copies(&id, &["fast", "slow", "spare"]));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    for store in ["fast", "slow", "spare"] {
        let file = registry.folder().join(format!("stores/{store}/{id}"));
        assert_eq!(std::fs::read_to_string(file).expect("a file"), DATA);
    }
}

async fn the_best_store_comes_first_whatever_the_order_asked_for(engine: Engine) {
    for needed in [true, false] {
        let (registry, _) = Registry::several(engine, "").await;
        let id = staged(&registry).await;
        let stores = json!({
            "stores": ["spare", "fast", "slow"], "all_stores_must_succeed": needed,
        });
        import(&registry, &id, stores).await;
        registry.work().await;
        assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
        let places = registry.rows("SELECT store FROM image_locations ORDER BY position");
        assert_eq!(places.await, ["fast", "slow", "spare"]);
    }
}

async fn a_store_named_twice_is_filled_once(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = staged(&registry).await;
    import(&registry, &id, json!({"stores": ["fast", "fast"]})).await;
    registry.work().await;
    assert_eq!(registry.shown(&id).await["stores"], "fast");
    assert_eq!(registry.files(), copies(&id, &["fast"]));
}

/// The import failed through the store `slow`, and left nothing.
async fn assert_failed(registry: &Registry, id: &str) {
    let image = registry.shown(id).await;
    assert_eq!(image["status"], "queued", "{image}");
    assert_eq!(image["size"], Value::Null);
    assert_eq!(image["os_glance_importing_to_stores"], "");
    assert_eq!(image["os_glance_failed_import"], "slow");
    assert_eq!(image.get("stores"), None);
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with("STORE_UNAVAILABLE: "), "{reason}");
    assert_eq!(registry.files(), [""; 0]);
    let task = task(registry, id).await;
    assert_eq!(
        (&task["status"], &task["message"]),
        (&json!("failure"), &json!(reason))
    );
}

/// Asks for an import of what is staged, with a header that names a store.
async fn by_header(registry: &Registry, id: &str, store: &str, more: Value) -> Answer {
    let mut body = json!({"method": {"name": "glance-direct"}});
    let Value::Object(more) = more else {
        panic!("keys")
    };
    body.as_object_mut().expect("an object").extend(more);
    let path = format!("/v2/images/{id}/import");
    let call = registry.call(Method::POST, &path).by(Persona::MEMBER);
    let call = call.header("x-image-meta-store", store);
    call.json(&body).send().await
}

async fn the_store_may_be_named_in_a_header_instead(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = staged(&registry).await;
    let unknown = by_header(&registry, &id, "nowhere", json!({})).await;
    let text = unknown.expect(409).text();
    assert!(text.contains("nowhere"), "{text}");
    for more in [json!({"all_stores": true}), json!({"stores": ["fast"]})] {
        let refused = by_header(&registry, &id, "fast", more).await;
        let text = refused.expect(400).text();
        assert!(text.contains("X-Image-Meta-Store"), "{text}");
    }
    assert_eq!(registry.shown(&id).await["status"], "uploading");
    assert_eq!(task(&registry, &id).await, Value::Null);

    let more = json!({"all_stores": false});
    let accepted = by_header(&registry, &id, "fast", more).await;
    accepted.expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image["stores"], "fast");
    assert_eq!(registry.files(), copies(&id, &["fast"]));
}

async fn a_store_that_fails_fails_the_import_when_all_must_succeed(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    stores.set("slow", Fault::Receive);
    let id = staged(&registry).await;
    import(&registry, &id, json!({"all_stores": true})).await;
    registry.work().await;
    assert_failed(&registry, &id).await;
    assert_eq!(recorded(&registry, &id).await, [""; 0]);

    stores.set("slow", Fault::None);
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(DATA).send().await.expect(204);
    import(&registry, &id, json!({"all_stores": true})).await;
    let image = registry.shown(&id).await;
    assert_eq!(image["os_glance_failed_import"], "");
    registry.work().await;
    assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
}

async fn a_store_that_cannot_publish_takes_the_others_back(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    stores.set("slow", Fault::Publish);
    let id = staged(&registry).await;
    import(&registry, &id, json!({"all_stores": true})).await;
    registry.work().await;
    assert_failed(&registry, &id).await;
}

async fn a_store_that_fails_stops_no_other_when_any_will_do(engine: Engine) {
    for fault in [Fault::Receive, Fault::Publish, Fault::Delete] {
        let (registry, stores) = Registry::several(engine, "").await;
        stores.set("slow", fault);
        let id = staged(&registry).await;
        let any = json!({"all_stores": true, "all_stores_must_succeed": false});
        import(&registry, &id, any).await;
        registry.work().await;
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "active", "{fault:?}: {image}");
        assert_eq!(image["stores"], "fast,spare");
        assert_eq!(image["os_glance_importing_to_stores"], "");
        assert_eq!(image["os_glance_failed_import"], "slow");
        assert_eq!(image.get("os_glance_import_task"), None);
        assert_eq!(registry.files(), copies(&id, &["fast", "spare"]));
        assert_eq!(recorded(&registry, &id).await, ["fast", "spare"]);
        let task = task(&registry, &id).await;
        assert_eq!(task["status"], "success");
        let message = task["message"].as_str().expect("a message");
        assert!(message.contains("STORE_UNAVAILABLE"), "{message}");
    }
}

async fn when_no_store_takes_it_the_import_fails(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    stores.set("fast", Fault::Receive);
    stores.set("slow", Fault::Publish);
    stores.set("spare", Fault::Delete);
    let id = staged(&registry).await;
    let any = json!({"all_stores": true, "all_stores_must_succeed": false});
    import(&registry, &id, any).await;
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "queued");
    let failed = image["os_glance_failed_import"].as_str().expect("stores");
    let mut failed: Vec<_> = failed.split(',').collect();
    failed.sort_unstable();
    assert_eq!(failed, ["fast", "slow", "spare"]);
    assert_eq!(task(&registry, &id).await["status"], "failure");
    assert_eq!(registry.files(), [""; 0]);
}

async fn bytes_that_are_not_what_they_should_be_reach_no_store(engine: Engine) {
    for needed in [true, false] {
        let (registry, _) = Registry::several(engine, "").await;
        let id = staged(&registry).await;
        let wrong = format!("sha256:{}", "00".repeat(32));
        let body = json!({
            "method": {"name": "glance-direct", "checksum": wrong},
            "all_stores": true, "all_stores_must_succeed": needed,
        });
        ask(&registry, Persona::MEMBER, &id, &body)
            .await
            .expect(202);
        registry.work().await;
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "queued");
        assert_eq!(image["os_glance_failed_import"], "fast,slow,spare");
        let reason = image["os_glance_failure"].as_str().expect("a reason");
        assert!(
            reason.starts_with("CHECKSUM_VERIFICATION_FAILED"),
            "{reason}"
        );
        assert_eq!(registry.files(), [""; 0]);
    }
}

async fn imports_into_the_same_stores_run_at_the_same_time(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let twin = registry.twin().await;
    stores.set("spare", Fault::Receive);
    let mut wanted = BTreeMap::new();
    for number in 0..6 {
        let id = staged(&registry).await;
        let needed = number % 2 == 0;
        let body = json!({"all_stores": true, "all_stores_must_succeed": needed});
        import(&registry, &id, body).await;
        wanted.insert(id, if needed { "queued" } else { "active" });
    }
    let stop = CancellationToken::new();
    let turns = (0..6).map(|number| {
        let app = if number % 2 == 0 {
            registry.app()
        } else {
            &twin
        };
        app.worker().turn(&stop)
    });
    for turn in join_all(turns).await {
        turn.expect("a database");
    }
    registry.work().await;
    let mut files = Vec::new();
    for (id, status) in &wanted {
        assert_eq!(registry.shown(id).await["status"], *status);
        if *status == "active" {
            files.extend(copies(id, &["fast", "slow"]));
        }
    }
    files.sort();
    assert_eq!(registry.files(), files);
}

async fn each_copy_counts_against_the_quota(engine: Engine) {
    let settings = format!("user_storage_quota = \"{}\"", 2 * DATA.len());
    let (registry, _) = Registry::several(engine, &settings).await;
    let id = staged(&registry).await;
    let body = json!({"method": {"name": "glance-direct"}, "all_stores": true});
    let refused = ask(&registry, Persona::MEMBER, &id, &body).await;
    refused.expect(413);
    import(&registry, &id, json!({"stores": ["fast", "slow"]})).await;
    registry.work().await;
    assert_eq!(registry.shown(&id).await["stores"], "fast,slow");
    let next = registry.image(Persona::MEMBER, json!({})).await;
    registry
        .upload(Persona::MEMBER, &next, "x")
        .await
        .expect(413);
}

/// A store that could remove nothing keeps bytes of an image that did not get them.
async fn what_an_import_left_in_a_store_stops_no_upload(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let left = registry.folder().join(format!("stores/slow/{id}"));
    std::fs::write(&left, "left behind").expect("a file");
    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(204);
    assert_eq!(std::fs::read_to_string(&left).expect("a file"), DATA);
}
