//! The description of the API, and the pages that show it.

use axum::http::Method;
use serde_json::Value;

use crate::support::{Answer, Engine, Registry};

async fn nobody(registry: &Registry, path: &str) -> Answer {
    registry.call(Method::GET, path).send().await
}

#[tokio::test]
async fn the_document_that_is_served_is_the_one_that_is_kept() {
    let registry = Registry::open(Engine::Sqlite).await;
    let served = nobody(&registry, "/openapi.json").await.expect(200).json();
    let kept: Value = serde_json::from_str(include_str!("../../../openapi/hallmark.json"))
        .expect("a document of JSON");
    assert_eq!(served, kept);
}

#[tokio::test]
async fn the_pages_load_nothing_from_elsewhere() {
    let registry = Registry::open(Engine::Sqlite).await;
    let page = nobody(&registry, "/docs/").await.expect(200).text();
    let (mut loaded, mut styles) = (0, 0);
    for attribute in ["src=\"", "href=\""] {
        for rest in page.split(attribute).skip(1) {
            let address = rest.split('"').next().expect("an address");
            let inside = !address.contains(':') && !address.starts_with("//");
            assert!(inside, "{address}");
            let path = format!("/docs/{}", address.trim_start_matches("./"));
            let part = nobody(&registry, &path).await.expect(200);
            if part.header("content-type").starts_with("text/css") {
                styles += 1;
                let style = part.text();
                assert!(!style.contains("@import"), "{address}");
                assert!(!style.contains("url(http"), "{address}");
                assert!(!style.contains("url(//"), "{address}");
            }
            loaded += 1;
        }
    }
    assert!(
        loaded > styles && styles > 0,
        "the page has styles and scripts: {page}"
    );
}

#[tokio::test]
async fn the_pages_show_the_document_and_send_it_to_nobody() {
    let registry = Registry::open(Engine::Sqlite).await;
    let script = nobody(&registry, "/docs/swagger-initializer.js").await;
    let script = script.expect(200).text();
    assert!(script.contains("\"/openapi.json\""), "{script}");
    assert!(script.contains("\"validatorUrl\": \"none\""), "{script}");
    assert!(!script.contains("http"), "{script}");
}
