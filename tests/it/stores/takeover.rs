//! Imports into several stores whose process stops somewhere between them.

use std::sync::Arc;

use hallmark::app::App;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{DATA, ask, copies, import, recorded, staged, task};
use crate::support::{Engine, Fault, FaultyStores, Persona, Registry, on_every_engine, until};

on_every_engine![
    an_import_that_stopped_before_its_last_store_begins_anew_when_all_must_succeed,
    an_import_that_stopped_after_its_first_store_goes_on_when_any_will_do,
    a_store_that_failed_before_the_stop_is_not_tried_again,
    an_image_deleted_between_two_stores_leaves_nothing,
    a_process_that_comes_back_late_changes_nothing,
    an_import_that_stops_every_time_ends_with_what_it_has,
    an_import_that_goes_on_copies_no_bytes_that_are_not_the_images,
    a_copy_whose_process_stops_is_made_by_another,
];

/// Begins to run an import, in a process that never comes to the end of it: publishing into the
/// store `name` hangs.
pub(super) async fn hang(registry: &Registry, stores: &FaultyStores, name: &str) -> JoinHandle<()> {
    stores.set(name, Fault::Hang);
    let twin: Arc<App> = Arc::new(registry.twin().await);
    tokio::spawn(async move {
        let stop = CancellationToken::new();
        let turn = twin.worker().turn(&stop).await;
        turn.expect("a database");
    })
}

/// The lease of whoever runs an import is over.
async fn lapse(registry: &Registry) {
    let statement = "UPDATE tasks SET lease_until = 1 WHERE status = 'processing'";
    registry.execute(statement).await;
}

/// Waits until the store `name` has bytes aside.
pub(super) async fn aside(registry: &Registry, name: &str) {
    let incoming = registry.folder().join(format!("stores/{name}/.incoming"));
    until("bytes lie aside", async || {
        std::fs::read_dir(&incoming)
            .expect("a folder")
            .next()
            .is_some()
    })
    .await;
}

async fn published(registry: &Registry, id: &str, stores: &[&str]) {
    let expected = copies(id, stores);
    until("it is published", async || {
        let files = registry.files();
        expected.iter().all(|file| files.contains(file))
    })
    .await;
}

async fn an_import_that_stopped_before_its_last_store_begins_anew_when_all_must_succeed(
    engine: Engine,
) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = staged(&registry).await;
    import(&registry, &id, json!({"all_stores": true})).await;
    let stopped = hang(&registry, &stores, "spare").await;
    published(&registry, &id, &["fast", "slow"]).await;
    assert_eq!(registry.shown(&id).await["status"], "importing");
    stopped.abort();
    lapse(&registry).await;
    stores.set("spare", Fault::None);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image["stores"], "fast,slow,spare");
    assert_eq!(registry.files(), copies(&id, &["fast", "slow", "spare"]));
}

async fn an_import_that_stopped_after_its_first_store_goes_on_when_any_will_do(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = staged(&registry).await;
    let any = json!({"all_stores": true, "all_stores_must_succeed": false});
    import(&registry, &id, any).await;
    let stopped = hang(&registry, &stores, "slow").await;
    until("the first store is filled", async || {
        registry.shown(&id).await["status"] == "active"
    })
    .await;
    let image = registry.shown(&id).await;
    assert_eq!(image["stores"], "fast");
    assert_eq!(image["os_glance_importing_to_stores"], "slow,spare");
    let file = format!("/v2/images/{id}/file");
    let read = registry.get(Persona::MEMBER, &file).await.expect(200);
    assert_eq!(read.text(), DATA);

    stopped.abort();
    lapse(&registry).await;
    stores.set("slow", Fault::None);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["stores"], "fast,slow,spare");
    assert_eq!(image["os_glance_importing_to_stores"], "");
    assert_eq!(image["os_glance_failed_import"], "");
    assert_eq!(registry.files(), copies(&id, &["fast", "slow", "spare"]));
    assert_eq!(recorded(&registry, &id).await, ["fast", "slow", "spare"]);
    assert_eq!(task(&registry, &id).await["status"], "success");
}

async fn a_store_that_failed_before_the_stop_is_not_tried_again(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = staged(&registry).await;
    let any = json!({"all_stores": true, "all_stores_must_succeed": false});
    import(&registry, &id, any).await;
    stores.set("slow", Fault::Receive);
    let stopped = hang(&registry, &stores, "spare").await;
    until("the first store is filled", async || {
        registry.shown(&id).await["status"] == "active"
    })
    .await;
    let image = registry.shown(&id).await;
    assert_eq!(image["os_glance_importing_to_stores"], "spare");
    assert_eq!(image["os_glance_failed_import"], "slow");
    stopped.abort();
    lapse(&registry).await;
    stores.set("slow", Fault::None);
    stores.set("spare", Fault::None);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["stores"], "fast,spare");
    assert_eq!(image["os_glance_failed_import"], "slow");
}

async fn an_image_deleted_between_two_stores_leaves_nothing(engine: Engine) {
    for needed in [true, false] {
        let (registry, stores) = Registry::several(engine, "").await;
        let id = staged(&registry).await;
        let body = json!({"all_stores": true, "all_stores_must_succeed": needed});
        import(&registry, &id, body).await;
        let stopped = hang(&registry, &stores, "slow").await;
        published(&registry, &id, &["fast"]).await;
        let path = format!("/v2/images/{id}");
        registry.delete(Persona::MEMBER, &path).await.expect(204);
        stopped.abort();
        lapse(&registry).await;
        stores.set("slow", Fault::None);
        registry.work().await;
        assert_eq!(registry.files(), [""; 0]);
    }
}

async fn a_process_that_comes_back_late_changes_nothing(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "[worker]\nlease = 3").await;
    let id = staged(&registry).await;
    let any = json!({"all_stores": true, "all_stores_must_succeed": false});
    import(&registry, &id, any).await;
    let late = hang(&registry, &stores, "spare").await;
    published(&registry, &id, &["fast", "slow"]).await;
    stores.set("spare", Fault::None);
    // It may renew its lease just in between.
    until("another process goes on", async || {
        lapse(&registry).await;
        registry.work().await;
        registry.shown(&id).await["stores"] == "fast,slow,spare"
    })
    .await;
    let image = registry.shown(&id).await;
    // It learns that its lease is lost when it wants to renew it.
    late.await.expect("an end in order");
    assert_eq!(registry.shown(&id).await, image);
    assert_eq!(registry.files(), copies(&id, &["fast", "slow", "spare"]));
}

async fn an_import_that_stops_every_time_ends_with_what_it_has(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "[worker]\nmax_attempts = 1").await;
    let id = staged(&registry).await;
    let any = json!({"all_stores": true, "all_stores_must_succeed": false});
    import(&registry, &id, any).await;
    let stopped = hang(&registry, &stores, "slow").await;
    until("the first store is filled", async || {
        registry.shown(&id).await["status"] == "active"
    })
    .await;
    stopped.abort();
    lapse(&registry).await;
    stores.set("slow", Fault::None);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["stores"], "fast");
    assert_eq!(image["os_glance_failed_import"], "slow,spare");
    let message = task(&registry, &id).await["message"].to_string();
    assert!(message.contains("was begun 1 times"), "{message}");
    assert_eq!(registry.files(), copies(&id, &["fast"]));
}

async fn an_import_that_goes_on_copies_no_bytes_that_are_not_the_images(engine: Engine) {
    for fault in [Fault::Alter, Fault::BreakOff(5), Fault::Open] {
        let (registry, stores) = Registry::several(engine, "").await;
        let id = staged(&registry).await;
        let any = json!({"all_stores": true, "all_stores_must_succeed": false});
        import(&registry, &id, any).await;
        let stopped = hang(&registry, &stores, "slow").await;
        until("the first store is filled", async || {
            registry.shown(&id).await["status"] == "active"
        })
        .await;
        stopped.abort();
        lapse(&registry).await;
        stores.set("fast", fault);
        stores.set("slow", Fault::None);
        registry.work().await;
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "active");
        assert_eq!(image["stores"], "fast", "{fault:?}");
        assert_eq!(image["os_glance_failed_import"], "slow,spare");
        assert_eq!(registry.files(), copies(&id, &["fast"]));
    }
}

async fn a_copy_whose_process_stops_is_made_by_another(engine: Engine) {
    for needed in [true, false] {
        let (registry, stores) = Registry::several(engine, "").await;
        let id = registry
            .active_image(Persona::MEMBER, json!({}), DATA)
            .await;
        let body = json!({
            "method": {"name": "copy-image"},
            "all_stores": true, "all_stores_must_succeed": needed,
        });
        ask(&registry, Persona::ADMIN, &id, &body).await.expect(202);
        let stopped = hang(&registry, &stores, "spare").await;
        published(&registry, &id, &["fast"]).await;
        stopped.abort();
        lapse(&registry).await;
        stores.set("spare", Fault::None);
        registry.work().await;
        assert_eq!(registry.shown(&id).await["stores"], "fast,slow,spare");
        assert_eq!(registry.files(), copies(&id, &["fast", "slow", "spare"]));
        assert_eq!(task(&registry, &id).await["status"], "success");
    }
}
