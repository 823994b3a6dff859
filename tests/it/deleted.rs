//! Images that are deleted while their bytes come in: nothing is left of them.

use std::io;

use axum::{Json, Router, body::Body, http::Method, routing::get};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use hallmark::worker::Turn;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    plugins::gzip,
    support::{Engine, Fault, Origin, Persona, Registry, on_every_engine, until},
};

on_every_engine![
    a_copy_to_a_further_store_ends_with_its_image,
    a_copy_that_waits_for_its_source_ends_with_its_image,
    a_web_download_ends_with_its_image,
    a_glance_download_ends_with_its_image,
    a_download_that_is_to_be_unpacked_ends_with_its_image,
    the_unpacking_of_staged_data_ends_with_its_image,
    a_task_ends_with_the_image_that_it_created,
];

/// How many bytes the images of these tests are to have.
const SIZE: usize = 1 << 20;

/// A quota, by which bytes that arrive are reserved, and leases that are looked after each second.
const SETTINGS: &str = r#"
user_storage_quota = "67108864"
enabled_import_methods = ["glance-direct", "web-download", "copy-image", "glance-download"]
[worker]
lease = 3
"#;

const UNPACKS: &str = "[image_import_opts]\nimage_import_plugins = [\"image_decompression\"]";

const SOME: &str = "8a6d2f0e-0000-4000-8000-00000000000a";

async fn opened(engine: Engine, more: &str) -> Registry {
    Registry::with(engine, &format!("[DEFAULT]\n{SETTINGS}\n{more}")).await
}

/// Bytes that do not get shorter when they are packed.
fn data() -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(SIZE).collect()
}

/// The first half of `data`, and then nothing any more.
fn stuck(data: &[u8]) -> Body {
    let part = Bytes::copy_from_slice(&data[..data.len() / 2]);
    let part = stream::iter([Ok::<_, io::Error>(part)]);
    Body::from_stream(part.chain(stream::pending()))
}

/// A web server that gives half of `data`, and says of an image of any registry that it is there.
async fn hanging(data: Vec<u8>) -> Origin {
    let description = json!({
        "status": "active", "size": SIZE, "disk_format": "raw", "container_format": "bare",
        "checksum": "ab".repeat(16),
    });
    let described = move || std::future::ready(Json(description.clone()));
    let file = move || std::future::ready(stuck(&data));
    let router = Router::new()
        .route("/image", get(file.clone()))
        .route("/v2/images/{id}", get(described))
        .route("/v2/images/{id}/file", get(file));
    Origin::running(router).await
}

async fn import(registry: &Registry, persona: Persona, id: &str, body: &Value) {
    let path = format!("/v2/images/{id}/import");
    registry.post(persona, &path, body).await.expect(202);
}

/// A process of its own takes up the task that waits.
async fn taken_up(registry: &Registry) -> JoinHandle<()> {
    let twin = registry.twin().await;
    tokio::spawn(async move {
        let stop = CancellationToken::new();
        let turn = twin.worker().turn(&stop).await;
        assert_eq!(turn.expect("a database"), Turn::Worked);
    })
}

async fn reserved(registry: &Registry) -> Vec<String> {
    let query = "SELECT image_id FROM image_reservations";
    registry.rows(query).await
}

async fn until_bytes_arrive(registry: &Registry, id: &str) {
    let is_aside = |file: &String| file.contains("/.incoming/");
    until("bytes arrive", async || {
        registry.files().iter().any(is_aside) && reserved(registry).await == [id]
    })
    .await;
}

/// Deletes the image while `running` works on it, which ends by that and leaves nothing.
async fn assert_ends(registry: &Registry, persona: Persona, id: &str, running: JoinHandle<()>) {
    assert!(!running.is_finished(), "it ended too soon");
    let path = format!("/v2/images/{id}");
    registry.delete(persona, &path).await.expect(204);
    running.await.expect("an end in order");
    assert_eq!(registry.files(), [""; 0]);
    let tasks = registry.rows("SELECT status FROM tasks").await;
    assert_eq!(tasks, ["failure"]);
    assert_eq!(reserved(registry).await, [""; 0]);
    for query in [
        "SELECT image_id FROM image_claims",
        "SELECT token FROM import_tokens",
    ] {
        assert_eq!(registry.rows(query).await, [""; 0], "{query}");
    }
    registry.get(persona, &path).await.expect(404);
    // Nobody takes up anything of it any more.
    let stop = CancellationToken::new();
    let turn = registry.app().worker().turn(&stop).await;
    assert_eq!(turn.expect("a database"), Turn::Idle);
}

/// A copy of an image to a further store, which has begun.
async fn copying(registry: &Registry) -> String {
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let uploaded = registry.upload(Persona::MEMBER, &id, data()).await;
    uploaded.expect(204);
    let body = json!({"method": {"name": "copy-image"}, "stores": ["fast"]});
    import(registry, Persona::ADMIN, &id, &body).await;
    id
}

async fn a_copy_to_a_further_store_ends_with_its_image(engine: Engine) {
    let (registry, stores) = Registry::several(engine, SETTINGS).await;
    let id = copying(&registry).await;
    let half = u64::try_from(SIZE / 2).expect("a size");
    stores.set("slow", Fault::Pause(half));
    let running = taken_up(&registry).await;
    until_bytes_arrive(&registry, &id).await;
    assert_ends(&registry, Persona::MEMBER, &id, running).await;
}

async fn a_copy_that_waits_for_its_source_ends_with_its_image(engine: Engine) {
    let (registry, stores) = Registry::several(engine, SETTINGS).await;
    let id = copying(&registry).await;
    let opened = stores.opened();
    stores.set("slow", Fault::Stall);
    let running = taken_up(&registry).await;
    until("it is read", async || stores.opened() > opened).await;
    assert_ends(&registry, Persona::MEMBER, &id, running).await;
}

async fn a_web_download_ends_with_its_image(engine: Engine) {
    let registry = opened(engine, "").await;
    let origin = hanging(data()).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let body = json!({"method": {"name": "web-download", "uri": origin.url("image")}});
    import(&registry, Persona::MEMBER, &id, &body).await;
    let running = taken_up(&registry).await;
    until_bytes_arrive(&registry, &id).await;
    assert_ends(&registry, Persona::MEMBER, &id, running).await;
}

async fn a_glance_download_ends_with_its_image(engine: Engine) {
    let registry = opened(engine, "").await;
    let origin = hanging(data()).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let method = json!({
        "name": "glance-download", "glance_region": "north", "glance_image_id": SOME,
    });
    let catalog = json!([{"type": "image", "name": "glance", "endpoints": [
        {"region": "north", "publicURL": origin.url("")},
    ]}]);
    let path = format!("/v2/images/{id}/import");
    let call = registry.call(Method::POST, &path).by(Persona::MEMBER);
    let call = call
        .header("x-auth-token", "a-token-of-mia")
        .header("x-service-catalog", &catalog.to_string())
        .json(&json!({"method": method}));
    call.send().await.expect(202);
    let running = taken_up(&registry).await;
    until_bytes_arrive(&registry, &id).await;
    assert_ends(&registry, Persona::MEMBER, &id, running).await;
}

async fn a_download_that_is_to_be_unpacked_ends_with_its_image(engine: Engine) {
    let registry = opened(engine, UNPACKS).await;
    let origin = hanging(gzip(&data())).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let body = json!({"method": {"name": "web-download", "uri": origin.url("image")}});
    import(&registry, Persona::MEMBER, &id, &body).await;
    let running = taken_up(&registry).await;
    until_bytes_arrive(&registry, &id).await;
    assert_ends(&registry, Persona::MEMBER, &id, running).await;
}

async fn the_unpacking_of_staged_data_ends_with_its_image(engine: Engine) {
    let settings = format!("{SETTINGS}\n{UNPACKS}");
    let (registry, stores) = Registry::several(engine, &settings).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{id}/stage");
    let call = registry.call(Method::PUT, &path).by(Persona::MEMBER);
    call.data(gzip(&data())).send().await.expect(204);
    let body = json!({"method": {"name": "glance-direct"}});
    import(&registry, Persona::MEMBER, &id, &body).await;
    // What was unpacked is never put in its place.
    stores.set("slow", Fault::Hang);
    let running = taken_up(&registry).await;
    until_bytes_arrive(&registry, &id).await;
    assert_ends(&registry, Persona::MEMBER, &id, running).await;
}

async fn a_task_ends_with_the_image_that_it_created(engine: Engine) {
    let registry = opened(engine, "").await;
    let origin = hanging(data()).await;
    let task = json!({"type": "import", "input": {
        "import_from": origin.url("image"), "import_from_format": "raw",
        "image_properties": {"container_format": "bare"},
    }});
    let created = registry.post(Persona::ADMIN, "/v2/tasks", &task).await;
    let created = created.expect(201).json();
    let id = created["image_id"].as_str().expect("an id");
    let running = taken_up(&registry).await;
    until_bytes_arrive(&registry, id).await;
    assert_ends(&registry, Persona::ADMIN, id, running).await;
    let path = created["self"].as_str().expect("a path");
    let task = registry.get(Persona::ADMIN, path).await.expect(200).json();
    assert_eq!(task["status"], "failure");
    assert_eq!(task["result"], Value::Null);
}
