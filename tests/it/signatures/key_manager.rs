//! A key manager that does not do what it should.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use hallmark::signature::KeyType;
use serde_json::json;
use tokio::time::sleep;

use super::{DATA, ID, signed};
use crate::support::{Answer, Engine, Origin, Persona, Registry, Signer, on_every_engine};

on_every_engine![
    a_key_manager_that_gives_no_clear_answer_lets_nothing_pass,
    it_is_shown_the_callers_token_where_the_catalog_says,
    who_brings_no_token_has_no_key_manager,
    a_token_that_it_does_not_take_is_told,
];

/// What the key manager of a test does.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Broken,
    Babbling,
    Redirecting,
    Stuck,
    Endless,
    Rejecting,
}

/// A key manager of this mood, and how often it was asked.
async fn moody(mood: Mood) -> (Origin, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let answer = move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        match mood {
            Mood::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Mood::Babbling => "<html>".into_response(),
            Mood::Redirecting => Redirect::temporary("/v1/secrets/else").into_response(),
            Mood::Stuck => {
                sleep(Duration::from_hours(1)).await;
                StatusCode::OK.into_response()
            }
            Mood::Endless => vec![b' '; 5 << 20].into_response(),
            Mood::Rejecting => StatusCode::UNAUTHORIZED.into_response(),
        }
    };
    let router = Router::new().route("/v1/secrets/{*id}", get(answer));
    (Origin::running(router).await, asked)
}

/// A registry whose key manager is at `url`.
async fn registry(engine: Engine, url: &str) -> Registry {
    let settings = format!("[barbican]\nbarbican_endpoint = \"{url}\"\ntimeout = 1");
    Registry::with(engine, &settings).await
}

async fn upload(registry: &Registry, id: &str, headers: &[(&str, &str)]) -> Answer {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = headers
        .iter()
        .fold(call.by(Persona::MEMBER), |call, (name, value)| {
            call.header(name, value)
        });
    call.data(DATA).send().await
}

async fn a_key_manager_that_gives_no_clear_answer_lets_nothing_pass(engine: Engine) {
    let signer = Signer::new(KeyType::EccSecp384r1);
    for mood in [
        Mood::Broken,
        Mood::Babbling,
        Mood::Redirecting,
        Mood::Stuck,
        Mood::Endless,
    ] {
        let (keys, asked) = moody(mood).await;
        let registry = registry(engine, &keys.url("")).await;
        let id = registry.image(Persona::MEMBER, signed(&signer)).await;
        let answer = upload(&registry, &id, &[("x-auth-token", "secret-token")]).await;
        let answer = answer.expect(503);
        assert_eq!(answer.header("retry-after"), "5", "{mood:?}");
        assert!(!answer.text().contains("secret-token"));
        assert!(answer.text().contains("key manager"), "{mood:?}");
        let repeated = matches!(mood, Mood::Broken);
        let times = asked.load(Ordering::SeqCst);
        assert_eq!(times, if repeated { 4 } else { 1 }, "{mood:?}");
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "queued", "{mood:?}");
        assert_eq!(image.get("os_glance_failure"), None, "{mood:?}");
        assert_eq!(registry.files(), Vec::<String>::new());
    }
}

async fn it_is_shown_the_callers_token_where_the_catalog_says(engine: Engine) {
    let signer = Signer::new(KeyType::EccSecp384r1);
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (pem, noted) = (signer.pem(), Arc::clone(&seen));
    let answer = move |Path(path): Path<String>, headers: HeaderMap| async move {
        let token = headers["x-auth-token"].to_str().expect("a token");
        noted
            .lock()
            .expect("no panic")
            .push(format!("{token} {path}"));
        answered(&path, pem)
    };
    let router = Router::new().route("/keys/v1/secrets/{*id}", get(answer));
    let keys = Origin::running(router).await;
    let registry = Registry::with(engine, "[barbican]\nbarbican_region_name = \"two\"").await;
    let id = registry.image(Persona::MEMBER, signed(&signer)).await;
    let catalog = json!([
        {"type": "image", "endpoints": [{"region": "two", "publicURL": "http://127.0.0.1:1"}]},
        {"type": "key-manager", "endpoints": [
            {"region": "one", "publicURL": "http://127.0.0.1:1"},
            {"region": "two", "publicURL": keys.url("keys/"), "internalURL": "http://127.0.0.1:1"}]},
    ]);
    let headers = [
        ("x-auth-token", "secret-token"),
        ("x-service-catalog", &catalog.to_string()),
    ];
    upload(&registry, &id, &headers).await.expect(204);
    assert_eq!(
        *seen.lock().expect("no panic"),
        [
            format!("secret-token {ID}"),
            format!("secret-token {ID}/payload")
        ]
    );
    let broken = [headers[0], ("x-service-catalog", "{key-manager")];
    upload(&registry, &id, &broken).await.expect(401);
}

fn answered(path: &str, pem: String) -> Response {
    if path.ends_with("/payload") {
        return pem.into_response();
    }
    json!({"secret_type": "certificate"})
        .to_string()
        .into_response()
}

async fn who_brings_no_token_has_no_key_manager(engine: Engine) {
    let (keys, asked) = moody(Mood::Broken).await;
    let registry = registry(engine, &keys.url("")).await;
    let signer = Signer::new(KeyType::EccSecp384r1);
    let id = registry.image(Persona::MEMBER, signed(&signer)).await;
    let told = upload(&registry, &id, &[]).await.expect(400).text();
    assert!(told.contains("no key manager"), "{told}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

async fn a_token_that_it_does_not_take_is_told(engine: Engine) {
    let (keys, asked) = moody(Mood::Rejecting).await;
    let registry = registry(engine, &keys.url("")).await;
    let signer = Signer::new(KeyType::EccSecp384r1);
    let id = registry.image(Persona::MEMBER, signed(&signer)).await;
    let answer = upload(&registry, &id, &[("x-auth-token", "t")]).await;
    let told = answer.expect(400).text();
    assert!(told.contains("does not take the token"), "{told}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
