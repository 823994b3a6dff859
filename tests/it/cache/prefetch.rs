//! Images that are brought into the cache before anybody downloads them.

use axum::http::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Cached, DATA};
use crate::support::{Engine, Fault, Persona, on_every_engine};

on_every_engine![
    what_was_asked_for_is_fetched,
    what_is_there_is_not_fetched_again,
    what_cannot_be_read_now_is_fetched_later,
    what_can_never_be_cached_is_asked_for_no_more,
    what_was_asked_for_outlives_the_process,
];

async fn ask(cached: &Cached, id: &str) {
    let path = format!("/v2/cache/{id}");
    let call = cached.registry.call(Method::PUT, &path);
    call.by(Persona::ADMIN).send().await.expect(202);
}

async fn fetch(cached: &Cached) -> usize {
    let worker = cached.registry.app().worker();
    let fetched = worker.prefetch(&CancellationToken::new()).await;
    fetched.expect("a database")
}

async fn queued(cached: &Cached) -> serde_json::Value {
    cached.state().await["queued_images"].clone()
}

async fn what_was_asked_for_is_fetched(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    for _ in 0..2 {
        ask(&cached, &id).await;
    }
    assert_eq!(queued(&cached).await, json!([id]));
    assert_eq!(fetch(&cached).await, 1);
    assert_eq!(queued(&cached).await, json!([]));
    let listed = cached.listed().await;
    assert_eq!(listed[0]["image_id"], id);
    assert_eq!(listed[0]["hits"], 0);
    cached.close_stores();
    assert_eq!(cached.download(&id).await.expect(200).text(), DATA);
}

async fn what_is_there_is_not_fetched_again(engine: Engine) {
    let cached = Cached::open(engine).await;
    cached.cached_image(DATA).await;
    let twin = cached.image(DATA).await;
    let opened = cached.stores.opened();
    ask(&cached, &twin).await;
    assert_eq!(fetch(&cached).await, 1);
    assert_eq!(cached.stores.opened(), opened);
    assert!(cached.has(&twin).await);
}

async fn what_cannot_be_read_now_is_fetched_later(engine: Engine) {
    let cached = Cached::open(engine).await;
    let (first, second) = (cached.image(DATA).await, cached.image("another").await);
    ask(&cached, &first).await;
    ask(&cached, &second).await;
    for fault in [Fault::Open, Fault::BreakOff(3)] {
        cached.stores.set("slow", fault);
        assert_eq!(fetch(&cached).await, 0);
        assert_eq!(queued(&cached).await, json!([first, second]));
    }
    cached.stores.set("slow", Fault::None);
    assert_eq!(fetch(&cached).await, 2);
    assert_eq!(queued(&cached).await, json!([]));
}

async fn what_can_never_be_cached_is_asked_for_no_more(engine: Engine) {
    let cached = Cached::with(engine, "image_cache_max_size = 10").await;
    let (large, gone) = (cached.image(DATA).await, cached.image("small").await);
    ask(&cached, &large).await;
    ask(&cached, &gone).await;
    let path = format!("/v2/images/{gone}");
    let deleted = cached.registry.delete(Persona::MEMBER, &path).await;
    deleted.expect(204);
    assert_eq!(fetch(&cached).await, 0);
    assert_eq!(queued(&cached).await, json!([]));
    assert!(cached.files().is_empty());
}

async fn what_was_asked_for_outlives_the_process(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    ask(&cached, &id).await;
    let cached = cached.again("").await;
    assert_eq!(fetch(&cached).await, 1);
    assert!(cached.has(&id).await);
}
