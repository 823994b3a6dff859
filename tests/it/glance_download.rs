//! `glance-download`: an image of another registry, which is asked with the caller's token.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode, header::LOCATION},
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Answer, Engine, Origin, Persona, Registry, on_every_engine};

on_every_engine![
    an_image_of_another_region_arrives_with_its_formats_and_properties,
    a_region_that_is_not_in_the_catalog_fails_the_task,
    without_a_token_there_is_nothing_to_show,
    what_a_glance_download_cannot_be_is_refused,
    it_has_to_be_enabled,
    it_is_told_among_the_methods_once_it_is,
    an_image_that_is_not_active_is_not_taken,
    an_image_of_somebody_else_does_not_exist,
    bytes_that_are_not_what_the_other_registry_says_are_not_taken,
    what_the_owner_expects_holds_as_well,
    the_token_is_kept_for_as_long_as_the_import_lasts,
    the_token_is_shown_to_nobody_else,
    the_property_quota_holds,
];

const TOKEN: &str = "a-token-of-mia";
const DATA: &str = "bytes of another region";
const SETTINGS: &str = r#"
[DEFAULT]
enabled_import_methods = ["web-download", "glance-download"]
"#;

/// The registry of another region, which knows the caller by the token.
async fn elsewhere(registry: &Registry) -> Origin {
    let router = registry.app().router();
    let answer = move |mut request: Request| {
        let router = router.clone();
        async move {
            let token = request.headers().get("x-auth-token");
            if token.is_none_or(|token| token != TOKEN) {
                return StatusCode::UNAUTHORIZED.into_response();
            }
            for (name, value) in Persona::MEMBER.headers() {
                let name = HeaderName::from_static(name);
                let value = HeaderValue::from_static(value);
                request.headers_mut().insert(name, value);
            }
            let peer: SocketAddr = ([127, 0, 0, 1], 1).into();
            request.extensions_mut().insert(ConnectInfo(peer));
            let answered: Response<Body> = router.oneshot(request).await.expect("an answer");
            answered
        }
    };
    Origin::running(Router::new().fallback(answer)).await
}

/// A registry of another region that says `description` of any image, and has `DATA`.
async fn saying(description: Value) -> Origin {
    let described = move || std::future::ready(Json(description.clone()));
    let router = Router::new()
        .route("/v2/images/{id}", get(described))
        .route("/v2/images/{id}/file", get(async || DATA));
    Origin::running(router).await
}

fn description() -> Value {
    json!({
        "status": "active", "size": DATA.len(), "disk_format": "raw",
        "container_format": "bare", "hw_disk_bus": "scsi", "other": "x", "os_type": "linux",
        "checksum": digest("md5"),
    })
}

fn digest(algorithm: &str) -> String {
    let algorithm: hallmark::domain::Algorithm = algorithm.parse().expect("a name");
    let hashers = hallmark::hash::Hashers::builtin();
    let mut hasher = hashers.hasher(&algorithm).expect("an algorithm");
    hasher.update(DATA.as_bytes());
    hex::encode(hasher.finish())
}

fn method(image: &str) -> Value {
    json!({"name": "glance-download", "glance_region": "NORTH", "glance_image_id": image})
}

/// Asks for an import by a caller whose catalog has a region `north` at `origin`.
async fn import(registry: &Registry, origin: &Origin, id: &str, method: &Value) -> Answer {
    let catalog = json!([
        {"type": "image", "name": "glance", "endpoints": [
            {"region": "south", "publicURL": "http://127.0.0.1:1"},
            {"region": "north", "publicURL": origin.url(""), "internalURL": "http://127.0.0.1:1"},
        ]},
    ]);
    let path = format!("/v2/images/{id}/import");
    let call = registry.call(Method::POST, &path).by(Persona::MEMBER);
    call.header("x-auth-token", TOKEN)
        .header("x-service-catalog", &catalog.to_string())
        .json(&json!({"method": method}))
        .send()
        .await
}

/// A new image into which an image of `origin` was imported, whatever came of it.
async fn imported(registry: &Registry, origin: &Origin, there: &str) -> Value {
    let id = registry
        .image(Persona::MEMBER, json!({"disk_format": "qcow2"}))
        .await;
    let accepted = import(registry, origin, &id, &method(there)).await;
    accepted.expect(202);
    registry.work().await;
    registry.shown(&id).await
}

const SOME: &str = "8a6d2f0e-0000-4000-8000-00000000000a";

async fn an_image_of_another_region_arrives_with_its_formats_and_properties(engine: Engine) {
    let north = Registry::open(engine).await;
    let more = json!({
        "os_hash_algo": "sha256", "hw_disk_bus": "scsi", "trait:X": "required", "mine": "1",
    });
    let there = north.active_image(Persona::MEMBER, more, DATA).await;
    let origin = elsewhere(&north).await;
    let south = Registry::with(engine, SETTINGS).await;
    let image = imported(&south, &origin, &there).await;
    assert_eq!(image["status"], "active", "{image}");
    assert_eq!(image["disk_format"], "raw");
    assert_eq!(image["container_format"], "bare");
    assert_eq!(image["hw_disk_bus"], "scsi");
    assert_eq!(image["trait:X"], "required");
    assert_eq!(image.get("mine"), None);
    assert_eq!(image["size"], DATA.len());
    assert_eq!(image["os_hash_value"], digest("sha512"));
    let id = image["id"].as_str().expect("an id");
    assert_eq!(south.files(), [format!("data/images/{id}")]);
    let tasks = south
        .get(Persona::MEMBER, &format!("/v2/images/{id}/tasks"))
        .await;
    let text = tasks.expect(200).text();
    assert!(!text.contains(TOKEN));
    assert!(text.contains("glance_region"), "{text}");
}

async fn a_region_that_is_not_in_the_catalog_fails_the_task(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let origin = saying(description()).await;
    for (key, value) in [
        ("glance_region", "west"),
        ("glance_service_interface", "admin"),
        ("glance_service_interface", "not an interface"),
    ] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let mut method = method(SOME);
        method[key] = value.into();
        let accepted = import(&registry, &origin, &id, &method).await;
        accepted.expect(202);
        registry.work().await;
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "queued");
        let reason = image["os_glance_failure"].to_string();
        assert!(reason.contains("catalog"), "{value}: {reason}");
    }
}

async fn without_a_token_there_is_nothing_to_show(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{id}/import");
    let body = json!({"method": method(SOME)});
    let without = registry.post(Persona::MEMBER, &path, &body).await;
    assert!(without.expect(400).text().contains("token"));
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn what_a_glance_download_cannot_be_is_refused(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let origin = saying(description()).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for method in [
        json!({"name": "glance-download"}),
        json!({"name": "glance-download", "glance_region": "north"}),
        json!({"name": "glance-download", "glance_image_id": SOME}),
        json!({"name": "glance-download", "glance_region": "north", "glance_image_id": "x"}),
        json!({"name": "glance-download", "glance_region": 5, "glance_image_id": SOME}),
        json!({
            "name": "glance-download", "glance_region": "north", "glance_image_id": SOME,
            "glance_service_interface": 5,
        }),
        json!({
            "name": "glance-download", "glance_region": "north", "glance_image_id": SOME,
            "uri": "http://x",
        }),
    ] {
        let refused = import(&registry, &origin, &id, &method).await;
        refused.expect(400);
    }
}

async fn it_has_to_be_enabled(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = saying(description()).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let refused = import(&registry, &origin, &id, &method(SOME)).await;
    assert!(refused.expect(400).text().contains("glance-download"));
}

async fn it_is_told_among_the_methods_once_it_is(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let info = registry.get(Persona::MEMBER, "/v2/info/import").await;
    let info = info.expect(200).json();
    let methods = &info["import-methods"]["value"];
    assert_eq!(*methods, json!(["web-download", "glance-download"]));
}

async fn an_image_that_is_not_active_is_not_taken(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    for (key, value, told) in [
        ("status", json!("queued"), "it is queued, not active"),
        ("size", Value::Null, "it has no size"),
        ("disk_format", json!("odd"), "disk_format"),
        ("disk_format", Value::Null, "disk_format"),
        ("checksum", Value::Null, "no digest"),
        ("checksum", json!("zz"), "digest"),
    ] {
        let mut description = description();
        description[key] = value;
        let origin = saying(description).await;
        let image = imported(&registry, &origin, SOME).await;
        assert_eq!(image["status"], "queued", "{key}");
        assert_eq!(image["disk_format"], "qcow2");
        let reason = image["os_glance_failure"].as_str().expect("a reason");
        assert!(reason.contains(told), "{reason}");
        assert_eq!(image.get("hw_disk_bus"), None);
    }
}

async fn an_image_of_somebody_else_does_not_exist(engine: Engine) {
    let north = Registry::open(engine).await;
    let there = north.active_image(Persona::STRANGER, json!({}), DATA).await;
    let origin = elsewhere(&north).await;
    let south = Registry::with(engine, SETTINGS).await;
    let image = imported(&south, &origin, &there).await;
    assert_eq!(image["status"], "queued");
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.contains("no such image"), "{reason}");
}

async fn bytes_that_are_not_what_the_other_registry_says_are_not_taken(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let mut wrong = description();
    wrong["os_hash_algo"] = "sha256".into();
    wrong["os_hash_value"] = "ab".repeat(32).into();
    let origin = saying(wrong).await;
    let image = imported(&registry, &origin, SOME).await;
    assert_eq!(image["status"], "queued");
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(
        reason.starts_with("CHECKSUM_VERIFICATION_FAILED"),
        "{reason}"
    );
    assert_eq!(registry.files(), Vec::<String>::new());
    let mut short = description();
    short["size"] = (DATA.len() + 1).into();
    let origin = saying(short).await;
    let image = imported(&registry, &origin, SOME).await;
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.contains("size"), "{reason}");
}

async fn what_the_owner_expects_holds_as_well(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let origin = saying(description()).await;
    for (algorithm, value, status) in [
        ("sha256", digest("sha256"), "active"),
        ("sha1", "ab".repeat(20), "queued"),
    ] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let mut method = method(SOME);
        method["checksum"] = format!("{algorithm}:{value}").into();
        let accepted = import(&registry, &origin, &id, &method).await;
        accepted.expect(202);
        registry.work().await;
        assert_eq!(registry.shown(&id).await["status"], status);
    }
}

async fn the_token_is_kept_for_as_long_as_the_import_lasts(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let kept = async || registry.rows("SELECT token FROM import_tokens").await;
    let mut wrong = description();
    wrong["checksum"] = "ab".repeat(16).into();
    for description in [description(), wrong] {
        let origin = saying(description).await;
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let accepted = import(&registry, &origin, &id, &method(SOME)).await;
        accepted.expect(202);
        assert_eq!(kept().await, [TOKEN]);
        registry.work().await;
        assert_eq!(kept().await, [""; 0]);
    }
}

async fn the_token_is_shown_to_nobody_else(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let seen: Arc<Mutex<Vec<bool>>> = Arc::default();
    let note = Arc::clone(&seen);
    let file = move |request: Request| {
        let is_shown = request.headers().contains_key("x-auth-token");
        note.lock().expect("a list").push(is_shown);
        std::future::ready(DATA)
    };
    let other = Origin::running(Router::new().fallback(file)).await;
    let target = other.url("data");
    let described = || std::future::ready(Json(description()));
    let redirect = move || std::future::ready((StatusCode::FOUND, [(LOCATION, target.clone())]));
    let router = Router::new()
        .route("/v2/images/{id}", get(described))
        .route("/v2/images/{id}/file", get(redirect));
    let origin = Origin::running(router).await;
    let image = imported(&registry, &origin, SOME).await;
    assert_eq!(image["status"], "active", "{image}");
    assert_eq!(*seen.lock().expect("a list"), [false]);
}

async fn the_property_quota_holds(engine: Engine) {
    let settings = format!("{SETTINGS}\nimage_property_quota = 1");
    let registry = Registry::with(engine, &settings).await;
    let origin = saying(description()).await;
    let image = imported(&registry, &origin, SOME).await;
    assert_eq!(image["status"], "queued");
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with("OVER_QUOTA"), "{reason}");
}
