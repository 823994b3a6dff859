//! How an image is found in a checksum file.

use axum::{Router, response::Redirect, routing::get};
use serde_json::json;

use super::{DATA, assert_failed, import, imported, published, sha256, sums};
use crate::support::{Engine, Origin, Persona, Registry, on_every_engine};

on_every_engine![
    an_image_is_found_by_the_name_that_its_server_redirects_to,
    a_server_cannot_redirect_to_another_image_of_the_same_file,
    an_image_is_found_by_the_name_that_is_given,
    staged_data_are_held_against_a_checksum_file_by_a_given_name,
];

/// A server whose `from` redirects to `to`, which has `data`; and a checksum file.
async fn redirecting(from: &str, to: &str, data: &'static [u8], sums: String) -> Origin {
    let target = to.to_owned();
    let router = Router::new()
        .route(from, get(async move || Redirect::temporary(&target)))
        .route(to, get(async move || data))
        .route("/SHA256SUMS", get(async move || sums));
    Origin::running(router).await
}

async fn an_image_is_found_by_the_name_that_its_server_redirects_to(engine: Engine) {
    let registry = Registry::open(engine).await;
    let sums = sums("image one.img", DATA);
    let origin = redirecting("/latest", "/image%20one.img", DATA, sums).await;
    let more = json!({"checksum_url": origin.url("SHA256SUMS")});
    let id = imported(&registry, &origin, "latest", more).await;
    assert_eq!(registry.shown(&id).await["status"], "active");
    assert_eq!(published(&registry, &id).await.len(), 1);
}

async fn a_server_cannot_redirect_to_another_image_of_the_same_file(engine: Engine) {
    let registry = Registry::open(engine).await;
    let sums = format!("{}  new.img\n{}  old.img\n", sha256(b"new"), sha256(DATA));
    let origin = redirecting("/new.img", "/old.img", DATA, sums).await;
    let more = json!({"checksum_url": origin.url("SHA256SUMS")});
    let id = imported(&registry, &origin, "new.img", more).await;
    assert_failed(&registry, &id, "CHECKSUM_VERIFICATION_FAILED").await;
}

async fn an_image_is_found_by_the_name_that_is_given(engine: Engine) {
    let registry = Registry::open(engine).await;
    let sums = format!(
        "{}  x/disk.img\n{}  y/disk.img\n",
        sha256(b"x"),
        sha256(DATA)
    );
    let origin = Origin::of_files(vec![
        ("/download".to_owned(), DATA.to_vec()),
        ("/SHA256SUMS".to_owned(), sums.into_bytes()),
    ])
    .await;
    for (name, failure) in [
        ("y/disk.img", None),
        ("./y/disk.img", None),
        ("x/disk.img", Some("CHECKSUM_VERIFICATION_FAILED")),
        ("disk.img", Some("CHECKSUM_CONTRADICTION")),
        ("download", Some("CHECKSUM_NOT_LISTED")),
    ] {
        let more = json!({"checksum_url": origin.url("SHA256SUMS"), "checksum_name": name});
        let id = imported(&registry, &origin, "download", more).await;
        match failure {
            None => assert_eq!(registry.shown(&id).await["status"], "active", "{name}"),
            Some(code) => drop(assert_failed(&registry, &id, code).await),
        }
    }
}

async fn staged_data_are_held_against_a_checksum_file_by_a_given_name(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::of_files(vec![(
        "/SHA256SUMS".to_owned(),
        sums("image.img", DATA).into_bytes(),
    )])
    .await;
    let staged = async |data: &'static [u8]| {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let call = registry.call(axum::http::Method::PUT, &format!("/v2/images/{id}/stage"));
        call.by(Persona::MEMBER).data(data).send().await.expect(204);
        id
    };
    let url = origin.url("SHA256SUMS");
    let id = staged(DATA).await;
    let nameless = json!({"name": "glance-direct", "checksum_url": url});
    let refused = import(&registry, &id, &nameless).await.expect(400).text();
    assert!(refused.contains("checksum_name"), "{refused}");
    let method =
        json!({"name": "glance-direct", "checksum_url": url, "checksum_name": "image.img"});
    import(&registry, &id, &method).await.expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["status"], "active");
    let id = staged(b"other bytes").await;
    import(&registry, &id, &method).await.expect(202);
    registry.work().await;
    assert_failed(&registry, &id, "CHECKSUM_VERIFICATION_FAILED").await;
}
