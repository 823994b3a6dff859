//! Which versions there are, and under which paths the API answers.

use axum::http::Method;
use serde_json::Value;

use super::two_stores;
use crate::support::{Answer, Engine, Persona, Registry};

const ONE_STORE: [&str; 11] = [
    "v2.15", "v2.9", "v2.17", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0",
];
const SEVERAL_STORES: [&str; 16] = [
    "v2.15", "v2.13", "v2.12", "v2.11", "v2.10", "v2.9", "v2.8", "v2.17", "v2.7", "v2.6", "v2.5",
    "v2.4", "v2.3", "v2.2", "v2.1", "v2.0",
];
/// With an image cache, and one store or several.
const ONE_CACHED: [&str; 14] = [
    "v2.18", "v2.17", "v2.16", "v2.15", "v2.14", "v2.9", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3",
    "v2.2", "v2.1", "v2.0",
];
const SEVERAL_CACHED: [&str; 19] = [
    "v2.18", "v2.17", "v2.16", "v2.15", "v2.14", "v2.13", "v2.12", "v2.11", "v2.10", "v2.9",
    "v2.8", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0",
];

async fn one_store() -> Registry {
    Registry::open(Engine::Sqlite).await
}

async fn nobody(registry: &Registry, method: Method, path: &str) -> Answer {
    registry.call(method, path).send().await
}

fn ids(document: &Value) -> Vec<&str> {
    let versions = document["versions"].as_array().expect("a list of versions");
    versions
        .iter()
        .map(|version| version["id"].as_str().expect("an id"))
        .collect()
}

/// The addresses of all versions, which are the same.
fn href(document: &Value) -> &str {
    let versions = document["versions"].as_array().expect("a list of versions");
    let href = &versions[0]["links"][0]["href"];
    for version in versions {
        assert_eq!(version["links"][0]["rel"], "self");
        assert_eq!(&version["links"][0]["href"], href);
    }
    href.as_str().expect("an address")
}

#[tokio::test]
async fn a_path_without_a_version_gets_a_choice_whatever_the_method() {
    let registry = one_store().await;
    for path in [
        "/",
        "/v1",
        "/v1/images",
        "/v3",
        "/v2.99/images",
        "/v2.8/images",
        "/v2.18/images",
        "/images",
    ] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let answer = nobody(&registry, method, path).await.expect(300);
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(ids(&answer.json()), ONE_STORE, "{path}");
        }
    }
}

#[tokio::test]
async fn the_versions_are_listed_for_every_method() {
    let registry = one_store().await;
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let answer = nobody(&registry, method, "/versions").await.expect(200);
        assert_eq!(ids(&answer.json()), ONE_STORE);
    }
}

#[tokio::test]
async fn several_stores_bring_their_versions() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::with(Engine::Sqlite, &two_stores(folder.path())).await;
    let answer = nobody(&registry, Method::GET, "/").await.expect(300);
    assert_eq!(ids(&answer.json()), SEVERAL_STORES);
    for version in SEVERAL_STORES {
        let path = format!("/{version}/images");
        registry.get(Persona::MEMBER, &path).await.expect(200);
    }
}

#[tokio::test]
async fn an_image_cache_brings_its_versions() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    let setting = format!("[DEFAULT]\nimage_cache_dir = \"{}\"", cache.display());
    let several = two_stores(folder.path()).replacen("[DEFAULT]", &setting, 1);
    for (settings, expected) in [(&setting, &ONE_CACHED[..]), (&several, &SEVERAL_CACHED)] {
        let registry = Registry::with(Engine::Sqlite, settings).await;
        let document = nobody(&registry, Method::GET, "/").await.expect(300).json();
        assert_eq!(ids(&document), expected);
        let versions = document["versions"].as_array().expect("versions");
        let is_current = |it: &&Value| it["status"] == "CURRENT";
        let current: Vec<_> = versions.iter().filter(is_current).collect();
        assert_eq!(current.len(), 1);
        assert_eq!(current[0]["id"], "v2.18");
        for version in expected {
            let path = format!("/{version}/images");
            registry.get(Persona::MEMBER, &path).await.expect(200);
        }
    }
}

#[tokio::test]
async fn one_version_is_current() {
    let registry = one_store().await;
    let document = nobody(&registry, Method::GET, "/").await.json();
    for version in document["versions"].as_array().expect("versions") {
        let status = match version["id"].as_str() {
            Some("v2.17") => "CURRENT",
            _ => "SUPPORTED",
        };
        assert_eq!(version["status"], status, "{version}");
    }
}

#[tokio::test]
async fn versions_are_where_the_client_found_them() {
    let registry = one_store().await;
    let call = registry.call(Method::GET, "/");
    let call = call.header("host", "images.example:9292");
    let call = call
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "elsewhere.example");
    let document = call.send().await.json();
    assert_eq!(href(&document), "http://images.example:9292/v2/");
}

#[tokio::test]
async fn versions_are_where_a_believed_proxy_says() {
    let settings = "[oslo_middleware]\nenable_proxy_headers_parsing = true";
    let registry = Registry::with(Engine::Sqlite, settings).await;
    let call = registry.call(Method::GET, "/").header("host", "inside");
    let call = call
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "cloud.example");
    let document = call.send().await.json();
    assert_eq!(href(&document), "https://cloud.example/v2/");
}

#[tokio::test]
async fn versions_are_where_the_operator_says() {
    let settings = "[DEFAULT]\npublic_endpoint = \"https://cloud.example/image\"";
    let registry = Registry::with(Engine::Sqlite, settings).await;
    let document = nobody(&registry, Method::GET, "/").await.json();
    assert_eq!(href(&document), "https://cloud.example/image/v2/");
}

#[tokio::test]
async fn the_root_of_the_api_is_for_those_who_are_known_and_leads_nowhere() {
    let registry = one_store().await;
    for path in ["/v2", "/v2/", "/v2.7", "/v2.7/"] {
        nobody(&registry, Method::GET, path).await.expect(401);
    }
    let call = registry.call(Method::GET, "/v2").by(Persona::MEMBER);
    let answer = call.header("host", "here").send().await.expect(302);
    assert_eq!(answer.header("location"), "http://here/v2/");
    registry.get(Persona::MEMBER, "/v2/").await.expect(404);
}

#[tokio::test]
async fn every_version_answers_like_v2() {
    let registry = one_store().await;
    let expected = registry
        .get(Persona::MEMBER, "/v2/images")
        .await
        .expect(200);
    for version in ONE_STORE {
        let path = format!("/{version}/images");
        let answer = registry.get(Persona::MEMBER, &path).await.expect(200);
        assert_eq!(answer.json(), expected.json(), "{version}");
    }
}

#[tokio::test]
async fn a_media_type_can_stand_for_the_version() {
    let registry = one_store().await;
    let call = registry.call(Method::GET, "/images").by(Persona::MEMBER);
    let accept = "application/vnd.openstack.images-v2.7";
    call.header("accept", accept).send().await.expect(200);
    let call = registry.call(Method::GET, "/images").by(Persona::MEMBER);
    let accept = "application/vnd.openstack.images-v2.8";
    call.header("accept", accept).send().await.expect(300);
}
