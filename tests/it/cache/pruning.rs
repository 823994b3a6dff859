//! The cache takes no more room than it may.

use super::Cached;
use crate::support::{Engine, Persona, on_every_engine};

on_every_engine![
    what_was_not_used_for_longest_makes_room,
    what_is_larger_than_the_cache_passes_it,
    a_cache_that_may_become_smaller_does,
    a_cache_of_no_bytes_holds_nothing,
];

const FIRST: &str = "the first image";
const SECOND: &str = "the other image";
const THIRD: &str = "the third image";

async fn what_was_not_used_for_longest_makes_room(engine: Engine) {
    // Two of three have room.
    let cached = Cached::with(engine, "image_cache_max_size = 40").await;
    let first = cached.cached_image(FIRST).await;
    let second = cached.cached_image(SECOND).await;
    cached.download(&first).await.expect(200);
    let third = cached.cached_image(THIRD).await;
    assert_eq!(cached.files().len(), 2);
    assert!(cached.has(&first).await);
    assert!(!cached.has(&second).await);
    assert!(cached.has(&third).await);
    assert_eq!(cached.download(&second).await.expect(200).text(), SECOND);
}

async fn what_is_larger_than_the_cache_passes_it(engine: Engine) {
    let cached = Cached::with(engine, "image_cache_max_size = 20").await;
    let small = cached.cached_image(FIRST).await;
    let large = cached.image("an image of more than twenty bytes").await;
    cached.download(&large).await.expect(200);
    assert!(!cached.has(&large).await);
    // It does not even make others go.
    assert!(cached.has(&small).await);
    assert_eq!(cached.files().len(), 1);
}

async fn a_cache_that_may_become_smaller_does(engine: Engine) {
    let cached = Cached::open(engine).await;
    let old = cached.cached_image(FIRST).await;
    let new = cached.cached_image(SECOND).await;
    let pruned = cached
        .registry
        .call(axum::http::Method::POST, "/v2/cache/prune")
        .by(Persona::ADMIN);
    let pruned = pruned.send().await.expect(200).json();
    assert_eq!(pruned["total_files_pruned"], 0);
    assert_eq!(pruned["total_bytes_pruned"], 0);
    cached.sweep().await;
    let cached = cached.again("image_cache_max_size = 20").await;
    assert_eq!(cached.files().len(), 1);
    assert!(cached.has(&new).await);
    assert!(!cached.has(&old).await);
}

async fn a_cache_of_no_bytes_holds_nothing(engine: Engine) {
    let cached = Cached::with(engine, "image_cache_max_size = 0").await;
    let id = cached.image(FIRST).await;
    assert_eq!(cached.download(&id).await.expect(200).text(), FIRST);
    assert!(cached.files().is_empty());
}
