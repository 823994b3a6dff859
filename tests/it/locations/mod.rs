//! Images that web servers of others have.

mod crashes;
mod patches;
mod reads;
mod registering;
mod store;
mod trusting;

use axum::http::Method;
use hallmark::{domain::Digest, hash::Hashers};
use serde_json::{Value, json};

use crate::support::{Answer, Engine, Persona, Registry, Web};

/// What images of these tests are made of.
pub(crate) const DATA: &[u8] = b"bytes that somebody else keeps";

/// As many bytes, and other ones.
const OTHER: &[u8] = b"bytes that nobody had verified";

/// Two file stores, and the web, of which nothing is asked twice; it goes on in the section
/// `DEFAULT`.
const STORES: &str = r#"
[auth]
strategy = "trusted_headers"
[import_filtering_opts]
allowed_ports = []
[fetch]
allowed_networks = ["127.0.0.0/8", "::1/128"]
retries = 0
idle_timeout = 1
[glance_store]
default_backend = "fast"
[fast]
filesystem_store_datadir = "{folder}/stores/fast"
weight = 20
[slow]
filesystem_store_datadir = "{folder}/stores/slow"
weight = 10
[web]
store_description = "Web servers"
weight = 30
[worker]
lease = 3
[DEFAULT]
enabled_backends = { fast = "file", slow = "file", web = "http" }
show_multiple_locations = true
"#;

/// A registry with these stores and what `more` says, which goes on in the section `DEFAULT`.
async fn registry(engine: Engine, more: &str) -> Registry {
    Registry::configured(engine, &format!("{STORES}\n{more}")).await
}

/// The digest of `data`, in hexadecimal digits.
fn hex(algorithm: &str, data: &[u8]) -> String {
    let algorithm = algorithm.parse().expect("a name");
    let mut hasher = Hashers::builtin().hasher(&algorithm).expect("an algorithm");
    hasher.update(data);
    Digest::new(algorithm, &hasher.finish()).value().to_owned()
}

/// An image whose bytes are at `url` only.
async fn registered(registry: &Registry, url: &str) -> String {
    let id = registry.image(Persona::MEMBER, json!({})).await;
    add(registry, &id, url).await.expect(200);
    id
}

/// Asks for `url` to be added to the locations of the image.
async fn add(registry: &Registry, id: &str, url: &str) -> Answer {
    let location = json!({"url": url, "metadata": {}});
    patch(
        registry,
        id,
        &json!([{"op": "add", "path": "/locations/-", "value": location}]),
    )
    .await
}

async fn patch(registry: &Registry, id: &str, operations: &Value) -> Answer {
    let path = format!("/v2/images/{id}");
    registry.patch(Persona::MEMBER, &path, operations).await
}

/// Asks for a part of the image's data, or for all.
async fn read(registry: &Registry, id: &str, range: Option<&str>) -> Answer {
    call(registry, id, range).send().await
}

/// What a download gives that must break off.
async fn broken(registry: &Registry, id: &str, range: Option<&str>) -> Vec<u8> {
    call(registry, id, range).send_and_break_off().await
}

fn call(registry: &Registry, id: &str, range: Option<&str>) -> crate::support::Call {
    let path = format!("/v2/images/{id}/file");
    let call = registry.call(Method::GET, &path).by(Persona::MEMBER);
    match range {
        Some(range) => call.header("range", range),
        None => call,
    }
}

/// Closes the image to all but administrators.
async fn deactivate(registry: &Registry, id: &str) {
    let path = format!("/v2/images/{id}/actions/deactivate");
    let call = registry.call(Method::POST, &path).by(Persona::ADMIN);
    call.send().await.expect(204);
}

/// What is known of the copy in `store`.
async fn copy(registry: &Registry, id: &str, store: &str) -> Value {
    let known = registry.digests(id).await;
    let copies = known["copies"].as_array().expect("a list").clone();
    let found = copies.into_iter().find(|copy| copy["store"] == store);
    found.unwrap_or_else(|| panic!("no copy in {store}: {known}"))
}

/// An image that is in the store `fast`, and at the server.
async fn in_both(registry: &Registry, web: &Web) -> String {
    let id = registry.image(Persona::MEMBER, json!({})).await;
    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(204);
    add(registry, &id, &web.url("a.img")).await.expect(200);
    web.asked();
    id
}

/// Copies the image to the store `slow`.
async fn copy_to_slow(registry: &Registry, id: &str) {
    let body = json!({"method": {"name": "copy-image"}, "stores": ["slow"]});
    let path = format!("/v2/images/{id}/import");
    registry
        .post(Persona::ADMIN, &path, &body)
        .await
        .expect(202);
    registry.work().await;
}
