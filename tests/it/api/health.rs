//! Whether this process should get requests.

use std::fs;

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, Engine, Registry};

async fn asked(registry: &Registry, accept: Option<&str>) -> Answer {
    let call = registry.call(Method::GET, "/healthcheck");
    let call = match accept {
        Some(accept) => call.header("accept", accept),
        None => call,
    };
    call.send().await
}

#[tokio::test]
async fn a_healthy_process_says_so_to_anybody() {
    let registry = Registry::open(Engine::Sqlite).await;
    for accept in [None, Some("*/*"), Some("text/plain")] {
        let answer = asked(&registry, accept).await.expect(200);
        assert_eq!(answer.text(), "OK");
        let media_type = answer.header("content-type");
        assert!(media_type.starts_with("text/plain"), "{media_type}");
    }
    let answer = asked(&registry, Some("application/json")).await.expect(200);
    assert_eq!(answer.json(), json!({"detailed": false, "reasons": ["OK"]}));
    let answer = asked(&registry, Some("text/html")).await.expect(200);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains("OK"));
}

#[tokio::test]
async fn any_method_is_answered_and_head_without_a_body() {
    let registry = Registry::open(Engine::Sqlite).await;
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = registry.call(method, "/healthcheck").send().await;
        assert_eq!(answer.expect(200).text(), "OK");
    }
    let answer = registry.call(Method::HEAD, "/healthcheck").send().await;
    assert!(answer.expect(204).body.is_empty());
}

#[tokio::test]
async fn a_file_takes_the_process_out_of_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("disable");
    let settings = format!(
        "[healthcheck]\ndisable_by_file_path = \"{}\"",
        file.display()
    );
    let registry = Registry::with(Engine::Sqlite, &settings).await;
    asked(&registry, None).await.expect(200);

    fs::write(&file, "").expect("a file");
    let answer = asked(&registry, None).await.expect(503);
    assert_eq!(answer.text(), "DISABLED BY FILE");
    let answer = asked(&registry, Some("application/json")).await.expect(503);
    let reasons = json!({"detailed": false, "reasons": ["DISABLED BY FILE"]});
    assert_eq!(answer.json(), reasons);
    let head = registry.call(Method::HEAD, "/healthcheck").send().await;
    head.expect(503);

    fs::remove_file(&file).expect("the file");
    asked(&registry, None).await.expect(200);
}
