//! What the registry says it offers.

use serde_json::json;

use super::{assert_refused, two_stores};
use crate::support::{Engine, Persona, Registry};

#[tokio::test]
async fn the_open_import_methods_are_told() {
    let registry = Registry::open(Engine::Sqlite).await;
    let answer = registry.get(Persona::READER, "/v2/info/import").await;
    let methods = answer.expect(200).json()["import-methods"].take();
    assert_eq!(methods["type"], "array");
    assert_eq!(
        methods["value"],
        json!(["glance-direct", "web-download", "copy-image"])
    );
    assert!(methods["description"].is_string());

    let settings = "[DEFAULT]\nenabled_import_methods = [\"web-download\"]";
    let registry = Registry::with(Engine::Sqlite, settings).await;
    let answer = registry.get(Persona::READER, "/v2/info/import").await;
    let methods = answer.expect(200).json()["import-methods"].take();
    assert_eq!(methods["value"], json!(["web-download"]));
}

#[tokio::test]
async fn with_one_store_there_is_no_choice_of_stores() {
    let registry = Registry::open(Engine::Sqlite).await;
    let answer = registry.get(Persona::MEMBER, "/v2/info/stores").await;
    assert_refused(answer, 404, "several stores are not configured");
}

#[tokio::test]
async fn several_stores_are_told_the_best_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::with(Engine::Sqlite, &two_stores(folder.path())).await;
    let answer = registry.get(Persona::READER, "/v2/info/stores").await;
    let stores = json!({"stores": [
        {"id": "fast", "description": "quick and small", "default": "true"},
        {"id": "slow"},
    ]});
    assert_eq!(answer.expect(200).json(), stores);
}

#[tokio::test]
async fn the_hash_algorithms_are_told() {
    let registry = Registry::open(Engine::Sqlite).await;
    let answer = registry.get(Persona::READER, "/v2/info/hashing").await;
    let algorithms = json!({
        "default": "sha512", "allowed": ["sha512", "sha256", "sha1", "md5"],
    });
    assert_eq!(answer.expect(200).json(), algorithms);
}
