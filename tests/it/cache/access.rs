//! Who may not read an image gets nothing of it, be it cached or not.

use serde_json::json;

use super::{Cached, DATA, file};
use crate::support::{Engine, Persona, on_every_engine, until};

on_every_engine![
    a_stranger_does_not_find_a_cached_image,
    a_deactivated_image_is_given_to_nobody_but_administrators,
    a_reader_may_not_read_the_data_of_a_cached_image,
    an_image_that_is_shared_no_more_is_not_found_any_more,
    a_deleted_image_is_not_given_and_its_file_goes,
    the_file_of_a_deleted_image_stays_for_others_with_the_same_bytes,
];

async fn a_stranger_does_not_find_a_cached_image(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let registry = &cached.registry;
    let stranger = registry.get(Persona::STRANGER, &file(&id)).await;
    stranger.expect(404);
}

async fn a_deactivated_image_is_given_to_nobody_but_administrators(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let registry = &cached.registry;
    let path = format!("/v2/images/{id}/actions/deactivate");
    let call = registry.call(axum::http::Method::POST, &path);
    call.by(Persona::MEMBER).send().await.expect(204);
    cached.download(&id).await.expect(403);
    cached.part(&id, "bytes=0-3").await.expect(403);
    let admin = registry.get(Persona::ADMIN, &file(&id)).await.expect(200);
    assert_eq!(admin.text(), DATA);
}

async fn a_reader_may_not_read_the_data_of_a_cached_image(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let reader = cached.registry.get(Persona::READER, &file(&id)).await;
    reader.expect(403);
}

async fn an_image_that_is_shared_no_more_is_not_found_any_more(engine: Engine) {
    let cached = Cached::open(engine).await;
    let registry = &cached.registry;
    let shared = json!({"visibility": "shared"});
    let id = registry.active_image(Persona::MEMBER, shared, DATA).await;
    let members = format!("/v2/images/{id}/members");
    let guest = Persona::STRANGER;
    let body = json!({"member": guest.project});
    let added = registry.post(Persona::MEMBER, &members, &body).await;
    added.expect(200);
    let read = registry.get(guest, &file(&id)).await.expect(200);
    assert_eq!(read.text(), DATA);
    cached.until_cached(&id).await;
    let member = format!("{members}/{}", guest.project);
    registry.delete(Persona::MEMBER, &member).await.expect(204);
    registry.get(guest, &file(&id)).await.expect(404);
    assert_eq!(cached.download(&id).await.expect(200).text(), DATA);
}

async fn a_deleted_image_is_not_given_and_its_file_goes(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let path = format!("/v2/images/{id}");
    let registry = &cached.registry;
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    cached.download(&id).await.expect(404);
    assert!(!cached.has(&id).await);
    cached.sweep().await;
    until("the file is gone", async || cached.files().is_empty()).await;
}

async fn the_file_of_a_deleted_image_stays_for_others_with_the_same_bytes(engine: Engine) {
    let cached = Cached::open(engine).await;
    let (gone, stays) = (
        cached.cached_image(DATA).await,
        cached.cached_image(DATA).await,
    );
    let path = format!("/v2/images/{gone}");
    let registry = &cached.registry;
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    cached.sweep().await;
    cached.only_file();
    cached.close_stores();
    assert_eq!(cached.download(&stays).await.expect(200).text(), DATA);
}
