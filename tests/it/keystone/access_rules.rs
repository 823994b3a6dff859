//! Application credentials that are for some requests only.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    keystone::{Door, get, is_refused, registry},
    support::{Engine, FakeKeystone},
};

/// A token that allows these requests to the registry.
fn allowing(rules: &[(&str, &str)]) -> Value {
    let rules = rules
        .iter()
        .map(|(method, path)| json!({"service": "image", "method": method, "path": path}));
    let rules: Vec<_> = rules.collect();
    json!({"application_credential": {"id": "c", "access_rules": rules}})
}

#[tokio::test]
async fn a_token_with_access_rules_is_for_these_requests_only() {
    let keystone = FakeKeystone::start().await;
    keystone.knows(
        "restricted",
        allowing(&[("GET", "/v2/images"), ("GET", "/v2/schemas/*")]),
    );
    let more = "service_type = \"image\"";
    let registry = registry(Engine::Sqlite, &keystone, more).await;
    let token = [("x-auth-token", "restricted")];
    for (path, status) in [
        ("/v2/images", 200),
        ("/v2/images?name=a", 200),
        // The registry knows this as /v2/images.
        ("/v2.7/images", 200),
        ("/v2/schemas/image", 200),
        ("/v2/schemas/../info/import", 401),
        ("/v2/schemas/%2e%2e/info/import", 401),
        ("/v2/schemas%2fimage", 401),
        ("/v2/info/import", 401),
        ("/v2/images/", 401),
    ] {
        let answer = get(&registry, path, &token).await;
        let unknown = answer.status == 404 && status == 401;
        assert!(
            answer.status == status || unknown,
            "{path}: {}",
            answer.status
        );
    }
    let call = registry.call(Method::POST, "/v2/images").json(&json!({}));
    let call = call.header("x-auth-token", "restricted");
    call.send().await.expect(401);
}

#[tokio::test]
async fn without_a_name_for_the_registry_or_a_place_in_the_catalog_no_rule_holds() {
    let open = allowing(&[("GET", "/**")]);
    let door = Door::with(|settings| settings.service_type = None).await;
    door.keystone.knows("restricted", open.clone());
    assert!(is_refused(&door.brings("restricted").await));

    let door = Door::open().await;
    let mut elsewhere = open.clone();
    elsewhere["catalog"] = json!([{"type": "compute", "endpoints": []}]);
    door.keystone.knows("elsewhere", elsewhere);
    assert!(is_refused(&door.brings("elsewhere").await));
    door.keystone.knows("nothing", allowing(&[]));
    assert!(is_refused(&door.brings("nothing").await));
    door.keystone.knows("restricted", open);
    assert!(door.brings("restricted").await.is_ok());
}

#[tokio::test]
async fn only_the_token_of_a_real_service_lifts_access_rules() {
    let door = Door::open().await;
    let mut restricted = allowing(&[("GET", "/v2/tasks")]);
    restricted["roles"] = json!([{"name": "service"}]);
    door.keystone.knows("restricted", restricted);
    door.keystone.knows("alice", json!({}));
    door.keystone
        .knows("nova", json!({"roles": [{"name": "service"}]}));
    for service in ["junk", "a b", "alice", "restricted"] {
        let both = door.brings_both("restricted", service).await;
        assert!(is_refused(&both), "{service}");
    }
    assert!(door.brings_both("restricted", "nova").await.is_ok());
    // The rules are looked at each time, also for a token that is known.
    assert!(is_refused(&door.brings("restricted").await));
    let headers = [("x-auth-token", "restricted")];
    assert!(door.asks("/v2/tasks", &headers).await.is_ok());
}
