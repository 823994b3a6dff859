//! What a proxy says comes into links, and nowhere else.

use axum::http::Method;
use serde_json::json;

use crate::support::{Call, Engine, Persona, Registry};

const BELIEVED: &str = "[oslo_middleware]\nenable_proxy_headers_parsing = true";
const TOLD: [(&str, &str); 3] = [
    (
        "forwarded",
        r#"for=192.0.2.1;proto=https;host="images.example:8443", for=10.0.0.1"#,
    ),
    ("x-forwarded-host", "other.example"),
    ("x-forwarded-prefix", "/image"),
];

fn behind_a_proxy(call: Call) -> Call {
    TOLD.into_iter()
        .fold(call, |call, (name, value)| call.header(name, value))
}

#[tokio::test]
async fn links_lead_to_the_proxy_that_is_believed() {
    let registry = Registry::with(Engine::Sqlite, BELIEVED).await;
    let call = behind_a_proxy(registry.call(Method::GET, "/versions"));
    let versions = call.send().await.expect(200).json();
    let link = &versions["versions"][0]["links"][0]["href"];
    assert_eq!(link, "https://images.example:8443/image/v2/");

    let call = behind_a_proxy(registry.call(Method::POST, "/v2/images"));
    let call = call.by(Persona::MEMBER).json(&json!({}));
    let created = call.send().await.expect(201);
    let place = created.header("location");
    let expected = "https://images.example:8443/image/v2/images/";
    assert!(place.starts_with(expected), "{place}");
    let image = created.json();
    let own = image["self"].as_str().expect("a link");
    assert!(own.starts_with("/v2/images/"), "{own}");
}

#[tokio::test]
async fn links_do_not_lead_to_a_proxy_that_is_not_believed() {
    let registry = Registry::open(Engine::Sqlite).await;
    let call = behind_a_proxy(registry.call(Method::GET, "/versions"));
    let versions = call.header("host", "inside:9292").send().await.expect(200);
    let link = &versions.json()["versions"][0]["links"][0]["href"];
    assert_eq!(link, "http://inside:9292/v2/");
}

#[tokio::test]
async fn the_address_that_a_proxy_tells_identifies_nobody() {
    let settings = format!(
        "[auth]\nstrategy = \"trusted_headers\"\ntrusted_proxies = [\"192.0.2.0/24\"]\n{BELIEVED}"
    );
    let registry = Registry::configured(Engine::Sqlite, &settings).await;
    let call = registry.call(Method::GET, "/v2/images").by(Persona::ADMIN);
    behind_a_proxy(call).send().await.expect(401);
    let call = registry.call(Method::GET, "/v2/images").by(Persona::ADMIN);
    let call = call.header("x-forwarded-for", "192.0.2.1");
    call.send().await.expect(401);
}
