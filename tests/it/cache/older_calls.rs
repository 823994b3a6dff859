//! The older calls that manage the cache, which Glance's flavor `cachemanagement` brings.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Cached, DATA};
use crate::support::{Engine, Persona, on_every_engine};

on_every_engine![
    what_the_cache_holds_is_listed_and_taken_out,
    what_it_is_to_hold_is_listed_and_changed,
    they_are_there_only_with_the_flavor_and_only_for_administrators,
];

const FLAVOR: &str = "[paste_deploy]\nflavor = \"cachemanagement\"";

async fn ask(cached: &Cached, method: Method, path: &str) -> Value {
    let call = cached.registry.call(method, path).by(Persona::ADMIN);
    call.send().await.expect(200).json()
}

async fn what_the_cache_holds_is_listed_and_taken_out(engine: Engine) {
    let cached = Cached::with(engine, FLAVOR).await;
    let first = cached.cached_image(DATA).await;
    let listed = ask(&cached, Method::GET, "/v2/cached_images").await;
    assert_eq!(listed["cached_images"][0]["image_id"], first);
    assert_eq!(listed["cached_images"][0]["size"], DATA.len());
    let path = format!("/v2/cached_images/{first}");
    assert_eq!(ask(&cached, Method::DELETE, &path).await, Value::Null);
    assert!(!cached.has(&first).await);

    for data in ["one more image", "and another"] {
        cached.cached_image(data).await;
    }
    let deleted = ask(&cached, Method::DELETE, "/v2/cached_images").await;
    assert_eq!(deleted, json!({"num_deleted": 2}));
    assert!(cached.files().is_empty());
}

async fn what_it_is_to_hold_is_listed_and_changed(engine: Engine) {
    let cached = Cached::with(engine, FLAVOR).await;
    let mut ids = Vec::new();
    for data in ["the first one", "the second one"] {
        let id = cached.image(data).await;
        let path = format!("/v2/queued_images/{id}");
        assert_eq!(ask(&cached, Method::PUT, &path).await, Value::Null);
        ids.push(id);
    }
    let queued = ask(&cached, Method::GET, "/v2/queued_images").await;
    assert_eq!(queued, json!({"queued_images": ids}));
    let path = format!("/v2/queued_images/{}", ids[0]);
    assert_eq!(ask(&cached, Method::DELETE, &path).await, Value::Null);
    let queued = ask(&cached, Method::GET, "/v2/queued_images").await;
    assert_eq!(queued, json!({"queued_images": [ids[1]]}));
    let deleted = ask(&cached, Method::DELETE, "/v2/queued_images").await;
    assert_eq!(deleted, json!({"num_deleted": 1}));
}

async fn they_are_there_only_with_the_flavor_and_only_for_administrators(engine: Engine) {
    let cached = Cached::open(engine).await;
    for path in ["/v2/cached_images", "/v2/queued_images"] {
        let registry = &cached.registry;
        registry.get(Persona::ADMIN, path).await.expect(404);
    }
    let cached = Cached::with(engine, FLAVOR).await;
    for path in ["/v2/cached_images", "/v2/queued_images"] {
        let registry = &cached.registry;
        registry.get(Persona::MEMBER, path).await.expect(403);
        registry.get(Persona::ADMIN, path).await.expect(200);
    }
}
