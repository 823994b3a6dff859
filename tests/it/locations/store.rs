//! The store that only reads what others have.

use axum::http::Method;
use serde_json::json;

use super::{DATA, copy_to_slow, registered, registry};
use crate::support::{Engine, Page, Persona, Registry, Web, on_every_engine};

on_every_engine![
    it_is_told_that_the_store_is_read_only,
    nothing_is_uploaded_to_it,
    nothing_is_imported_or_copied_to_it,
    nothing_is_asked_of_others_when_an_image_goes,
    an_image_is_taken_out_of_it_by_forgetting_its_addresses,
    without_named_stores_it_stands_beside_the_single_one,
];

async fn it_is_told_that_the_store_is_read_only(engine: Engine) {
    let registry = registry(engine, "").await;
    let told = registry.get(Persona::READER, "/v2/info/stores").await;
    assert_eq!(
        told.expect(200).json()["stores"],
        json!([
            {"id": "web", "description": "Web servers", "read-only": "true"},
            {"id": "fast", "default": "true"},
            {"id": "slow"},
        ])
    );
    let told = registry.get(Persona::ADMIN, "/v2/info/stores/detail").await;
    assert_eq!(
        told.expect(200).json()["stores"][0],
        json!({
            "id": "web", "description": "Web servers", "read-only": "true", "type": "http",
            "weight": 30, "properties": {},
        })
    );
}

async fn nothing_is_uploaded_to_it(engine: Engine) {
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call.by(Persona::MEMBER).header("x-image-meta-store", "web");
    let answer = call.data(DATA).send().await.expect(409);
    assert!(answer.text().contains("'web' is disabled"), "{answer:?}");
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn nothing_is_imported_or_copied_to_it(engine: Engine) {
    let registry = registry(engine, "").await;
    let web = Web::with(Page::Data(DATA)).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{id}/import");
    let method = json!({"name": "web-download", "uri": web.url("a.img")});
    let body = json!({"method": method, "stores": ["fast", "web"]});
    let answer = registry.post(Persona::MEMBER, &path, &body).await;
    assert!(answer.expect(409).text().contains("read-only"));
    let body = json!({"method": method, "all_stores": true});
    let answer = registry.post(Persona::MEMBER, &path, &body).await;
    answer.expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(
        (&image["status"], &image["stores"]),
        (&json!("active"), &json!("fast,slow"))
    );
    let body = json!({"method": {"name": "copy-image"}, "stores": ["web"]});
    let answer = registry.post(Persona::ADMIN, &path, &body).await;
    answer.expect(409);
}

async fn nothing_is_asked_of_others_when_an_image_goes(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a.img")).await;
    web.asked();
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    assert_eq!(
        registry.rows("SELECT url FROM image_locations").await,
        [""; 0]
    );
    assert_eq!(
        registry.rows("SELECT store FROM image_copies").await,
        [""; 0]
    );
    assert_eq!(web.asked(), [""; 0]);
}

async fn an_image_is_taken_out_of_it_by_forgetting_its_addresses(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a.img")).await;
    super::add(&registry, &id, &web.url("b.img"))
        .await
        .expect(200);
    let path = format!("/v2/stores/web/{id}");
    // Both addresses are one copy, and there is no other.
    registry.delete(Persona::ADMIN, &path).await.expect(403);
    copy_to_slow(&registry, &id).await;
    web.asked();
    registry.delete(Persona::ADMIN, &path).await.expect(204);
    assert_eq!(web.asked(), [""; 0]);
    assert_eq!(registry.shown(&id).await["stores"], "slow");
    assert_eq!(
        registry.rows("SELECT store FROM image_copies").await,
        ["slow"]
    );
}

async fn without_named_stores_it_stands_beside_the_single_one(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let settings = "[glance_store]\nstores = [\"file\", \"http\"]\n\
                    [DEFAULT]\nshow_multiple_locations = true";
    let registry = Registry::with(engine, settings).await;
    let id = registered(&registry, &web.url("a.img")).await;
    assert_eq!(registry.shown(&id).await.get("stores"), None);
    let got = super::read(&registry, &id, None).await.expect(200);
    assert_eq!(got.body, DATA);
}
