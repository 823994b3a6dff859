//! Every answer of the API has an id, by which the log knows it.

use std::fs;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, Ground, Persona, Registry, until};

const ID: &str = "req-0abcdef0-0000-4000-8000-00000000000f";

async fn refused(registry: &Registry, method: Method, path: &str, body: String) -> Answer {
    let call = registry.call(method, path).by(Persona::MEMBER);
    let call = call.header("x-openstack-request-id", ID);
    call.body(body).send().await
}

#[tokio::test]
async fn every_refusal_has_the_id_of_its_request() {
    let registry = Registry::open(Engine::Sqlite).await;
    let images = "/v2/images";
    let large = json!({"name": "x".repeat(1 << 20)}).to_string();
    for (method, path, body, status) in [
        (Method::POST, images, "{".to_owned(), 400),
        (Method::GET, "/v2/images/zzz", String::new(), 404),
        (Method::GET, "/v2/nothing", String::new(), 404),
        (Method::PUT, images, String::new(), 405),
        (Method::POST, images, large, 413),
    ] {
        let answer = refused(&registry, method, path, body).await.expect(status);
        assert_eq!(answer.header("x-openstack-request-id"), ID, "{status}");
    }
    let nobody = registry.call(Method::GET, images);
    let answer = nobody.header("x-openstack-request-id", ID).send().await;
    assert_eq!(answer.expect(401).header("x-openstack-request-id"), ID);
}

#[tokio::test]
async fn a_fault_of_our_own_has_the_id_of_its_request() {
    let registry = Registry::open(Engine::Sqlite).await;
    registry.execute("ALTER TABLE images RENAME TO gone").await;
    let answer = refused(&registry, Method::GET, "/v2/images", String::new()).await;
    assert_eq!(answer.expect(500).header("x-openstack-request-id"), ID);
}

#[tokio::test]
async fn the_log_knows_a_request_by_its_id_and_by_what_the_client_called_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let settings = format!(
        "[DEFAULT]\nlog_file = \"{}\"\nuse_json = true\n\
         [oslo_middleware]\nenable_proxy_headers_parsing = true",
        log.display()
    );
    let process = Ground::new(Engine::Sqlite, &settings).await.start().await;
    let call = process.call(Method::GET, "/v2/images");
    let call = call.header("x-openstack-request-id", "my-call");
    let call = call.header("forwarded", "for=192.0.2.1");
    let answer = call.send().await.expect("an answer");
    assert_eq!(answer.headers()["x-openstack-request-id"], "req-my-call");
    let mut line = Value::Null;
    until("the answer is in the log", async || {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let found = text
            .lines()
            .find(|line| line.contains("answered a request"));
        line = found.map_or(Value::Null, |line| {
            serde_json::from_str(line).expect("JSON")
        });
        !line.is_null()
    })
    .await;
    let span = line["spans"]
        .as_array()
        .and_then(|spans| spans.iter().find(|span| span["name"] == "api.request"))
        .unwrap_or_else(|| panic!("no span: {line}"));
    assert_eq!(span["request.id"], "req-my-call");
    assert_eq!(span["request.given_id"], "my-call");
    assert_eq!(span["client.address"], "192.0.2.1");
}
