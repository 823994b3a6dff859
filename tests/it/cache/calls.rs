//! The calls that show the cache and empty it.

use axum::http::Method;

use super::{Cached, DATA};
use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

on_every_engine![
    the_cache_tells_what_it_holds,
    hits_are_counted_and_written_down,
    an_image_is_taken_out_and_can_come_again,
    the_cache_and_the_queue_are_emptied_together_or_apart,
    what_is_emptied_must_be_named_right,
    only_active_images_are_fetched,
    without_a_cache_its_calls_are_not_there,
    calls_about_images_that_are_not_there_find_none,
    the_cache_is_cleaned,
];

/// An id that no image has.
const NO_IMAGE: &str = "00000000-0000-4000-8000-000000000000";

async fn empty(cached: &Cached, target: Option<&str>) -> Answer {
    let call = cached.registry.call(Method::DELETE, "/v2/cache");
    let call = call.by(Persona::ADMIN);
    let call = match target {
        Some(target) => call.header("x-image-cache-clear-target", target),
        None => call,
    };
    call.send().await
}

async fn queue(cached: &Cached, id: &str) -> Answer {
    let call = cached
        .registry
        .call(Method::PUT, &format!("/v2/cache/{id}"));
    call.by(Persona::ADMIN).send().await
}

async fn the_cache_tells_what_it_holds(engine: Engine) {
    let cached = Cached::open(engine).await;
    let nothing = cached.state().await;
    assert_eq!(
        nothing,
        serde_json::json!({"cached_images": [], "queued_images": []})
    );
    let id = cached.cached_image(DATA).await;
    let waiting = cached.image("what is to be fetched").await;
    queue(&cached, &waiting).await.expect(202);
    let state = cached.state().await;
    assert_eq!(state["queued_images"], serde_json::json!([waiting]));
    let image = &state["cached_images"][0];
    assert_eq!(image["image_id"], id);
    assert_eq!(image["size"], DATA.len());
    assert_eq!(image["hits"], 0);
    let shown = cached.registry.shown(&id).await;
    assert_eq!(image["checksum"], shown["checksum"]);
    let modified = image["last_modified"].as_f64().expect("a number");
    assert!(image["last_accessed"].as_f64().expect("a number") >= modified);
    assert!(modified > 1.7e9, "{modified}");
}

async fn hits_are_counted_and_written_down(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    for _ in 0..3 {
        cached.download(&id).await.expect(200);
    }
    cached.part(&id, "bytes=0-1").await.expect(206);
    let image = cached.listed().await.remove(0);
    assert_eq!(image["hits"], 4);
    let modified = image["last_modified"].as_f64().expect("a number");
    assert!(image["last_accessed"].as_f64().expect("a number") > modified);
    let rows = cached
        .registry
        .rows("SELECT CAST(hits AS TEXT) FROM cached_images");
    assert_eq!(rows.await, ["4"]);
}

async fn an_image_is_taken_out_and_can_come_again(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let path = format!("/v2/cache/{id}");
    for _ in 0..2 {
        let removed = cached.registry.delete(Persona::ADMIN, &path).await;
        removed.expect(204);
        assert!(!cached.has(&id).await);
        assert!(cached.files().is_empty());
    }
    cached.download(&id).await.expect(200);
    cached.until_cached(&id).await;
}

async fn the_cache_and_the_queue_are_emptied_together_or_apart(engine: Engine) {
    let cached = Cached::open(engine).await;
    let waiting = cached.image("what is to be fetched").await;
    let id = cached.image(DATA).await;
    for (target, holds, waits) in [
        (Some("cache"), false, true),
        (Some("QUEUE"), true, false),
        (Some(""), false, false),
        (None, false, false),
    ] {
        cached.download(&id).await.expect(200);
        cached.until_cached(&id).await;
        queue(&cached, &waiting).await.expect(202);
        assert!(empty(&cached, target).await.expect(204).text().is_empty());
        assert_eq!(cached.has(&id).await, holds, "{target:?}");
        assert_eq!(cached.files().is_empty(), !holds, "{target:?}");
        let queued = cached.state().await["queued_images"].clone();
        let expected = if waits { vec![waiting.clone()] } else { vec![] };
        assert_eq!(queued, serde_json::json!(expected), "{target:?}");
    }
}

async fn what_is_emptied_must_be_named_right(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let refused = empty(&cached, Some("invalid")).await.expect(400);
    assert!(refused.text().contains("x-image-cache-clear-target"));
    assert!(cached.has(&id).await);
}

async fn only_active_images_are_fetched(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached
        .registry
        .image(Persona::MEMBER, serde_json::json!({}))
        .await;
    let refused = queue(&cached, &id).await.expect(400).text();
    assert!(refused.contains("active"), "{refused}");
}

async fn without_a_cache_its_calls_are_not_there(engine: Engine) {
    let registry = Registry::open(engine).await;
    let json = serde_json::json!({});
    let id = registry.active_image(Persona::MEMBER, json, DATA).await;
    for (method, path) in [
        (Method::GET, "/v2/cache".to_owned()),
        (Method::DELETE, "/v2/cache".to_owned()),
        (Method::POST, "/v2/cache/clean".to_owned()),
        (Method::POST, "/v2/cache/prune".to_owned()),
        (Method::PUT, format!("/v2/cache/{id}")),
        (Method::DELETE, format!("/v2/cache/{id}")),
        (Method::GET, format!("/v2/cache/nodes/{id}")),
        (Method::GET, "/v2/cached_images".to_owned()),
        (Method::GET, "/v2/queued_images".to_owned()),
    ] {
        let call = registry.call(method.clone(), &path).by(Persona::ADMIN);
        let answer = call.send().await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
    }
}

async fn calls_about_images_that_are_not_there_find_none(engine: Engine) {
    let cached = Cached::open(engine).await;
    for id in [NO_IMAGE, "no-image-id"] {
        queue(&cached, id).await.expect(404);
        let path = format!("/v2/cache/{id}");
        cached
            .registry
            .delete(Persona::ADMIN, &path)
            .await
            .expect(404);
        let path = format!("/v2/cache/nodes/{id}");
        cached.registry.get(Persona::ADMIN, &path).await.expect(404);
    }
}

async fn the_cache_is_cleaned(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let path = format!("/v2/images/{id}");
    let registry = &cached.registry;
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    let call = registry.call(Method::POST, "/v2/cache/clean");
    let answer = call.by(Persona::ADMIN).send().await.expect(200);
    assert!(answer.text().is_empty());
    assert!(cached.files().is_empty());
}
