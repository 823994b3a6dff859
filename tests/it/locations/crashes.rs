//! Processes that die while a place is read.

use axum::http::Method;
use serde_json::{Value, json};

use super::DATA;
use crate::support::{Engine, Ground, Page, Process, Web, on_every_engine, until};

const SETTINGS: &str = r#"
[auth]
strategy = "none"
[import_filtering_opts]
allowed_ports = []
[fetch]
allowed_networks = ["127.0.0.0/8"]
[glance_store]
stores = ["file", "http"]
[worker]
lease = 3
poll_interval = 1
[DEFAULT]
show_multiple_locations = true
"#;

on_every_engine![
    a_registration_is_taken_over_from_a_process_that_was_killed,
    a_patch_whose_process_was_killed_leaves_nothing,
    deleting_an_image_ends_the_reading_of_its_place,
    a_client_that_goes_away_ends_no_patch,
];

async fn register(process: &Process, id: &str, url: &str) {
    let body = json!({"url": url}).to_string();
    let call = process.call(Method::POST, &format!("/v2/images/{id}/locations"));
    let answer = call.body(body).send().await.expect("an answer");
    assert_eq!(answer.status(), 202);
}

fn patch(process: &Process, id: &str, url: &str) -> reqwest::RequestBuilder {
    let place = json!({"url": url, "metadata": {}});
    let body = json!([{"op": "add", "path": "/locations/-", "value": place}]);
    let call = process.call(Method::PATCH, &format!("/v2/images/{id}"));
    let media_type = "application/openstack-images-v2.1-json-patch";
    call.header("content-type", media_type)
        .body(body.to_string())
}

async fn until_asked(web: &Web) {
    until("the server is asked", async || !web.asked().is_empty()).await;
}

async fn a_registration_is_taken_over_from_a_process_that_was_killed(engine: Engine) {
    let web = Web::with(Page::Stalls(DATA, 9)).await;
    let ground = Ground::new(engine, SETTINGS).await;
    let process = ground.start().await;
    let id = process.image().await;
    register(&process, &id, &web.url("a")).await;
    until_asked(&web).await;
    process.kill();
    web.set(Page::Data(DATA));
    let process = ground.start().await;
    process.until_status(&id, "active").await;
    let image = process.shown(&id).await;
    assert_eq!(image["size"], DATA.len());
    assert_eq!(image["locations"].as_array().expect("a list").len(), 1);
}

async fn a_patch_whose_process_was_killed_leaves_nothing(engine: Engine) {
    let web = Web::with(Page::Stalls(DATA, 9)).await;
    let ground = Ground::new(engine, SETTINGS).await;
    let process = ground.start().await;
    let id = process.image().await;
    let call = patch(&process, &id, &web.url("a"));
    let asking = tokio::spawn(call.send());
    until_asked(&web).await;
    assert_eq!(process.shown(&id).await["status"], "saving");
    process.kill();
    assert!(asking.await.expect("a task").is_err());
    let process = ground.start().await;
    process.until_status(&id, "queued").await;
    let image = process.shown(&id).await;
    assert_eq!(image["locations"], json!([]));
    assert_eq!(image["os_hash_value"], Value::Null);
    web.set(Page::Data(DATA));
    let again = patch(&process, &id, &web.url("a")).send().await;
    assert_eq!(again.expect("an answer").status(), 200);
}

async fn deleting_an_image_ends_the_reading_of_its_place(engine: Engine) {
    let web = Web::with(Page::Stalls(DATA, 9)).await;
    let ground = Ground::new(engine, SETTINGS).await;
    let process = ground.start().await;
    let id = process.image().await;
    register(&process, &id, &web.url("a")).await;
    until_asked(&web).await;
    let call = process.call(Method::DELETE, &format!("/v2/images/{id}"));
    assert_eq!(call.send().await.expect("an answer").status(), 204);
    // The reader notices within its lease, and takes up something else.
    web.set(Page::Data(DATA));
    let next = process.image().await;
    register(&process, &next, &web.url("b")).await;
    process.until_status(&next, "active").await;
    let call = process.call(Method::GET, &format!("/v2/images/{id}"));
    assert_eq!(call.send().await.expect("an answer").status(), 404);
}

async fn a_client_that_goes_away_ends_no_patch(engine: Engine) {
    let web = Web::with(Page::Stalls(DATA, 9)).await;
    let settings = SETTINGS.replace("[fetch]", "[fetch]\nidle_timeout = 1\nretries = 1");
    let ground = Ground::new(engine, &settings).await;
    let process = ground.start().await;
    let id = process.image().await;
    let call = patch(&process, &id, &web.url("a"));
    let asking = tokio::spawn(call.send());
    until_asked(&web).await;
    asking.abort();
    web.set(Page::Status(404));
    process.until_status(&id, "queued").await;
    let image = process.shown(&id).await;
    assert!(image["os_glance_failure"].is_string(), "{image}");
}
