//! Tags, one at a time.

use axum::http::Method;
use serde_json::{Value, json};

use super::{NO_IMAGE, assert_refused, image};
use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

on_every_engine![
    a_tag_is_put_once_and_taken_once,
    a_tag_has_a_limit_of_characters,
    a_tag_is_any_text_in_utf_8,
    a_tag_set_by_json_can_be_taken_by_its_path,
    a_tag_with_a_slash_cannot_be_expressed,
    tags_have_a_quota,
    a_change_of_tags_is_a_change_of_the_image,
    who_may_see_an_image_but_not_change_it_cannot_tag_it,
];

async fn tag(registry: &Registry, method: Method, persona: Persona, id: &str, tag: &str) -> Answer {
    let path = format!("/v2/images/{id}/tags/{tag}");
    registry.call(method, &path).by(persona).send().await
}

async fn put(registry: &Registry, id: &str, text: &str) -> Answer {
    tag(registry, Method::PUT, Persona::MEMBER, id, text).await
}

async fn take(registry: &Registry, id: &str, text: &str) -> Answer {
    tag(registry, Method::DELETE, Persona::MEMBER, id, text).await
}

async fn tags(registry: &Registry, id: &str) -> Value {
    registry.shown(id).await["tags"].take()
}

async fn a_tag_is_put_once_and_taken_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"tags": ["b"]}))
        .await;
    for _ in 0..2 {
        assert!(put(&registry, &id, "a").await.expect(204).body.is_empty());
        assert_eq!(tags(&registry, &id).await, json!(["a", "b"]));
    }
    assert!(take(&registry, &id, "b").await.expect(204).body.is_empty());
    assert_eq!(tags(&registry, &id).await, json!(["a"]));
    assert_refused(take(&registry, &id, "b").await, 404, "tag b");
}

async fn a_tag_has_a_limit_of_characters(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let longest = "%C3%A9".repeat(255);
    put(&registry, &id, &longest).await.expect(204);
    assert_eq!(tags(&registry, &id).await, json!(["é".repeat(255)]));
    let longer = "%C3%A9".repeat(256);
    assert_refused(put(&registry, &id, &longer).await, 400, "tag may have 255");
}

async fn a_tag_is_any_text_in_utf_8(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for (path, text) in [
        ("%C3%A9", "é"),
        ("a%20b", "a b"),
        ("100%25", "100%"),
        ("a+b", "a+b"),
        ("%3F%23", "?#"),
    ] {
        put(&registry, &id, path).await.expect(204);
        assert_eq!(tags(&registry, &id).await, json!([text]));
        take(&registry, &id, path).await.expect(204);
    }
    assert_refused(put(&registry, &id, "%F0%9F%98%80").await, 400, "tag");
    assert_refused(put(&registry, &id, "a%00").await, 400, "tag");
    // Not UTF-8.
    put(&registry, &id, "%E9").await.expect(404);
    assert_eq!(tags(&registry, &id).await, json!([]));
}

async fn a_tag_set_by_json_can_be_taken_by_its_path(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"tags": ["é"]}))
        .await;
    take(&registry, &id, "%C3%A9").await.expect(204);
    assert_eq!(tags(&registry, &id).await, json!([]));
}

async fn a_tag_with_a_slash_cannot_be_expressed(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"tags": ["a/b"]}))
        .await;
    for path in ["a/b", "a%2Fb", ""] {
        put(&registry, &id, path).await.expect(404);
        take(&registry, &id, path).await.expect(404);
    }
    assert_eq!(tags(&registry, &id).await, json!(["a/b"]));
}

async fn tags_have_a_quota(engine: Engine) {
    let settings = "[DEFAULT]\nimage_tag_quota = 2";
    let registry = Registry::with(engine, settings).await;
    let id = registry
        .image(Persona::MEMBER, json!({"tags": ["a"]}))
        .await;
    put(&registry, &id, "b").await.expect(204);
    assert_refused(put(&registry, &id, "c").await, 413, "image_tag_quota");
    put(&registry, &id, "b").await.expect(204);
    assert_eq!(tags(&registry, &id).await, json!(["a", "b"]));
    take(&registry, &id, "a").await.expect(204);
    put(&registry, &id, "c").await.expect(204);
}

async fn a_change_of_tags_is_a_change_of_the_image(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    registry
        .execute("UPDATE images SET created_at = 0, updated_at = 0")
        .await;
    put(&registry, &id, "a").await.expect(204);
    let image = registry.shown(&id).await;
    assert_eq!(image["created_at"], "1970-01-01T00:00:00Z");
    assert_ne!(image["updated_at"], "1970-01-01T00:00:00Z");
}

async fn who_may_see_an_image_but_not_change_it_cannot_tag_it(engine: Engine) {
    let registry = Registry::open(engine).await;
    let attributes = |visibility| json!({"visibility": visibility, "tags": ["a"]});
    let private = registry.image(Persona::MEMBER, attributes("private")).await;
    let open = registry
        .image(Persona::MEMBER, attributes("community"))
        .await;
    for (method, text) in [(Method::PUT, "b"), (Method::DELETE, "a")] {
        for (persona, id, status) in [
            (Persona::READER, private.as_str(), 403),
            (Persona::STRANGER, &private, 404),
            (Persona::STRANGER, &open, 403),
            (Persona::ADMIN, NO_IMAGE, 404),
            (Persona::ADMIN, &private, 204),
        ] {
            let answer = tag(&registry, method.clone(), persona, id, text).await;
            answer.expect(status);
        }
    }
    let answer = registry.get(Persona::READER, &image(&private)).await;
    assert_eq!(answer.json()["tags"], json!(["b"]));
}
