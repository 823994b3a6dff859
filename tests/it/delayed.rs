//! Deleted images whose bytes stay for a while.

use std::time::Duration;

use axum::http::Method;
use futures_util::future::join_all;
use hallmark::service::Swept;
use serde_json::{Value, json};

use crate::support::{Engine, Fault, Ground, Persona, Registry, on_every_engine, until};

on_every_engine![
    the_bytes_of_a_deleted_image_stay_for_a_while,
    nobody_sees_an_image_whose_bytes_wait,
    without_delayed_delete_the_bytes_go_at_once,
    what_has_no_bytes_is_gone_at_once,
    the_bytes_go_once_whoever_sweeps,
    a_store_that_cannot_remove_the_bytes_is_asked_again,
    a_claim_that_lapsed_does_not_shorten_the_while,
    a_deletion_that_is_delayed_is_told_as_such,
    a_process_that_is_killed_leaves_the_bytes_to_the_next,
];

const DATA: &str = "bytes of an image";
const LATER: &str = "[DEFAULT]\ndelayed_delete = true\nscrub_time = 3600\nscrub_pool_size = 3";

async fn sweep(registry: &Registry) -> Swept {
    registry.app().maintenance().sweep().await.expect("a sweep")
}

async fn active(registry: &Registry) -> String {
    registry
        .active_image(Persona::MEMBER, json!({"os_hash_algo": "sha256"}), DATA)
        .await
}

async fn delete(registry: &Registry, id: &str) {
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
}

/// The time of all that waits has come.
async fn let_time_pass(registry: &Registry) {
    let statement = "UPDATE images SET scrub_at = 1 WHERE scrub_at IS NOT NULL";
    registry.execute(statement).await;
}

fn copies(count: usize) -> Swept {
    Swept {
        copies: count,
        ..Swept::default()
    }
}

async fn the_bytes_of_a_deleted_image_stay_for_a_while(engine: Engine) {
    let registry = Registry::with(engine, LATER).await;
    let id = active(&registry).await;
    delete(&registry, &id).await;
    assert_eq!(sweep(&registry).await, Swept::default());
    assert_eq!(registry.files(), [format!("data/images/{id}")]);

    let_time_pass(&registry).await;
    assert_eq!(sweep(&registry).await, copies(1));
    assert_eq!(registry.files(), Vec::<String>::new());
    assert_eq!(sweep(&registry).await, Swept::default());
    let again = json!({"id": id});
    registry
        .post(Persona::MEMBER, "/v2/images", &again)
        .await
        .expect(409);
}

async fn nobody_sees_an_image_whose_bytes_wait(engine: Engine) {
    let registry = Registry::with(engine, LATER).await;
    let id = active(&registry).await;
    delete(&registry, &id).await;
    for persona in [Persona::ADMIN, Persona::MEMBER, Persona::STRANGER] {
        for path in ["", "/file", "/members", "/tasks", "/digests"] {
            let path = format!("/v2/images/{id}{path}");
            registry.get(persona, &path).await.expect(404);
        }
        for path in ["/v2/images", "/v2/images?visibility=all"] {
            let list = registry.get(persona, path).await.expect(200).json();
            assert_eq!(list["images"], json!([]));
        }
    }
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(404);
    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(404);
    let path = format!("/v2/images/{id}/actions/reactivate");
    let call = registry.call(Method::POST, &path).by(Persona::ADMIN);
    call.send().await.expect(404);
    assert_eq!(registry.files(), [format!("data/images/{id}")]);
}

async fn without_delayed_delete_the_bytes_go_at_once(engine: Engine) {
    let registry = Registry::with(engine, "[DEFAULT]\nscrub_time = 3600").await;
    let id = active(&registry).await;
    delete(&registry, &id).await;
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn what_has_no_bytes_is_gone_at_once(engine: Engine) {
    let more = "[oslo_messaging_notifications]\ndriver = [\"log\"]";
    let registry = Registry::with(engine, &format!("{LATER}\n{more}")).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(DATA).send().await.expect(204);
    delete(&registry, &id).await;
    assert_eq!(registry.files(), Vec::<String>::new());
    let told = registry.told().await.pop().expect("an event");
    assert_eq!(told.payload["status"], "deleted");
}

async fn the_bytes_go_once_whoever_sweeps(engine: Engine) {
    let registry = Registry::with(engine, LATER).await;
    let twin = registry.twin().await;
    for _ in 0..8 {
        let id = active(&registry).await;
        delete(&registry, &id).await;
    }
    let_time_pass(&registry).await;
    let apps = [registry.app(), &twin, registry.app(), &twin];
    let swept = join_all(apps.map(|app| app.maintenance().sweep())).await;
    let swept = swept
        .into_iter()
        .map(|swept| swept.expect("a sweep").copies);
    assert_eq!(swept.sum::<usize>(), 8);
    assert_eq!(registry.files(), Vec::<String>::new());
    let claims = registry.rows("SELECT image_id FROM image_claims").await;
    assert_eq!(claims, Vec::<String>::new());
}

async fn a_store_that_cannot_remove_the_bytes_is_asked_again(engine: Engine) {
    let more = "delayed_delete = true";
    let (registry, stores) = Registry::several(engine, more).await;
    let id = active(&registry).await;
    delete(&registry, &id).await;
    let files = registry.files();
    assert_eq!(files.len(), 1);
    stores.set("slow", Fault::Delete);
    assert_eq!(sweep(&registry).await, Swept::default());
    assert_eq!(registry.files(), files);
    stores.set("slow", Fault::None);
    assert_eq!(sweep(&registry).await, copies(1));
    assert_eq!(registry.files(), Vec::<String>::new());
}

/// As of a process that died while it took the image out of another store.
async fn a_claim_that_lapsed_does_not_shorten_the_while(engine: Engine) {
    let registry = Registry::with(engine, LATER).await;
    let id = active(&registry).await;
    registry
        .execute(
            "INSERT INTO image_claims (image_id, holder, lease_until)
             SELECT id, '00000000-0000-4000-8000-000000000000', 1 FROM images",
        )
        .await;
    delete(&registry, &id).await;
    assert_eq!(sweep(&registry).await.abandoned, 1);
    assert_eq!(registry.files(), [format!("data/images/{id}")]);
    let_time_pass(&registry).await;
    assert_eq!(sweep(&registry).await, copies(1));
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn a_deletion_that_is_delayed_is_told_as_such(engine: Engine) {
    let more = "[oslo_messaging_notifications]\ndriver = [\"log\"]";
    let registry = Registry::with(engine, &format!("{LATER}\n{more}")).await;
    let id = active(&registry).await;
    delete(&registry, &id).await;
    let told = registry.told().await.pop().expect("an event");
    assert_eq!(told.event, "image.delete");
    assert_eq!(told.payload["status"], "pending_delete");
    assert_eq!(told.payload["deleted"], true);
    assert_ne!(told.payload["deleted_at"], Value::Null);
}

async fn a_process_that_is_killed_leaves_the_bytes_to_the_next(engine: Engine) {
    let settings = "[DEFAULT]\ndelayed_delete = true\nscrub_time = 3600\n[worker]\nlease = 3";
    let ground = Ground::new(engine, settings).await;
    let process = ground.start().await;
    let id = process.image().await;
    let path = format!("/v2/images/{id}");
    let call = process.call(Method::PUT, &format!("{path}/file"));
    let call = call.header("content-type", "application/octet-stream");
    let answer = call.body(DATA).send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    let call = process.call(Method::DELETE, &path);
    assert_eq!(call.send().await.expect("an answer").status(), 204);
    process.kill();
    assert_eq!(ground.files(), [format!("images/{id}")]);

    ground.execute("UPDATE images SET scrub_at = 1").await;
    let next = ground.start().await;
    until("the bytes are gone", async || ground.files().is_empty()).await;
    tokio::time::timeout(Duration::from_secs(5), async { next.stop() })
        .await
        .expect("an end");
}
