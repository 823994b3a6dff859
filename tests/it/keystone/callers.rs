//! Who is let in, and what the others are told.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    keystone::{get, registry},
    support::{Engine, FakeKeystone, Registry, in_seconds, on_every_engine},
};

on_every_engine![
    a_token_of_a_project_works_in_the_project,
    every_token_that_is_not_valid_gets_the_same_refusal,
    tokens_of_the_system_and_of_a_domain_are_known_and_may_do_nothing,
    who_brings_no_token_may_read_what_is_public_if_the_operator_says_so,
];

async fn create(registry: &Registry, token: &str, body: &Value) -> u16 {
    let call = registry.call(Method::POST, "/v2/images");
    let answer = call.header("x-auth-token", token).json(body).send().await;
    answer.status.as_u16()
}

async fn a_token_of_a_project_works_in_the_project(engine: Engine) {
    let keystone = FakeKeystone::start().await;
    keystone.knows("alice", json!({}));
    keystone.knows("root", json!({"roles": [{"name": "Admin"}]}));
    keystone.knows("sam", json!({"project": {"id": "beta", "name": "Beta"}}));
    let registry = registry(engine, &keystone, "").await;

    let call = registry.call(Method::POST, "/v2/images");
    let call = call.header("x-storage-token", " alice ").json(&json!({}));
    let created = call.send().await.expect(201).json();
    assert_eq!(created["owner"], "alpha");
    let path = format!("/v2/images/{}", created["id"].as_str().expect("an id"));
    for (token, status) in [("alice", 200), ("root", 200), ("sam", 404)] {
        get(&registry, &path, &[("x-auth-token", token)])
            .await
            .expect(status);
    }
    let login = &keystone.asked().logins[0]["auth"];
    assert_eq!(login["identity"]["password"]["user"]["name"], "glance");
    assert_eq!(login["scope"]["project"]["name"], "service");
}

async fn every_token_that_is_not_valid_gets_the_same_refusal(engine: Engine) {
    let keystone = FakeKeystone::start().await;
    keystone.knows("old", json!({"expires_at": in_seconds(-5)}));
    let restricted = json!({"application_credential": {"id": "c", "access_rules": []}});
    keystone.knows("restricted", restricted);
    let more = "www_authenticate_uri = \"https://identity.example.org\"";
    let registry = registry(engine, &keystone, more).await;
    let (long, junk) = ("a".repeat(4096), "<script>alert(1)</script>");
    let mut told = Vec::new();
    for token in [
        None,
        Some("unknown"),
        Some("old"),
        Some("restricted"),
        Some(&*long),
        Some(junk),
    ] {
        let headers: Vec<_> = token
            .map(|token| ("x-auth-token", token))
            .into_iter()
            .collect();
        let answer = get(&registry, "/v2/images", &headers).await.expect(401);
        let challenge = "Keystone uri=\"https://identity.example.org\"";
        assert_eq!(answer.header("www-authenticate"), challenge);
        assert!(answer.header("x-openstack-request-id").starts_with("req-"));
        told.push(answer.text());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    // Neither what is missing nor what cannot be a token was asked about.
    assert_eq!(keystone.asked().validations.len(), 3);

    get(&registry, "/", &[]).await.expect(300);
    get(&registry, "/healthcheck", &[]).await.expect(200);
}

async fn tokens_of_the_system_and_of_a_domain_are_known_and_may_do_nothing(engine: Engine) {
    let keystone = FakeKeystone::start().await;
    let admin = json!([{"name": "admin"}]);
    keystone.knows(
        "system",
        json!({"project": null, "system": {"all": true}, "roles": admin}),
    );
    keystone.knows(
        "domain",
        json!({"project": null, "domain": {"id": "default"}, "roles": admin}),
    );
    keystone.knows("unscoped", json!({"project": null, "roles": []}));
    let registry = registry(engine, &keystone, "").await;
    for token in ["system", "domain", "unscoped"] {
        let headers = [("x-auth-token", token)];
        get(&registry, "/v2/images", &headers).await.expect(403);
        assert_eq!(create(&registry, token, &json!({})).await, 403, "{token}");
    }
}

async fn who_brings_no_token_may_read_what_is_public_if_the_operator_says_so(engine: Engine) {
    let keystone = FakeKeystone::start().await;
    keystone.knows(
        "root",
        json!({"roles": [{"name": "admin"}, {"name": "member"}]}),
    );
    let more = "[DEFAULT]\nallow_anonymous_access = true";
    let registry = registry(engine, &keystone, more).await;
    let mut paths = Vec::new();
    for visibility in ["public", "community", "private", "shared"] {
        let body = json!({"name": visibility, "visibility": visibility});
        let call = registry.call(Method::POST, "/v2/images").json(&body);
        let created = call.header("x-auth-token", "root").send().await.expect(201);
        let id = created.json()["id"].as_str().expect("an id").to_owned();
        paths.push(format!("/v2/images/{id}"));
    }
    for (path, status) in paths.iter().zip([200, 200, 404, 404]) {
        get(&registry, path, &[]).await.expect(status);
    }
    let listed = get(&registry, "/v2/images", &[]).await.expect(200).json();
    let names: Vec<_> = listed["images"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert_eq!(names.len(), 1, "{listed}");
    assert_eq!(names[0]["name"], "public");

    let call = registry.call(Method::POST, "/v2/images").json(&json!({}));
    call.send().await.expect(403);
    let remove = json!([{"op": "replace", "path": "/name", "value": "mine"}]);
    for path in &paths[..2] {
        let call = registry.call(Method::PATCH, path).patch(&remove);
        call.send().await.expect(403);
        registry.call(Method::DELETE, path).send().await.expect(403);
        let call = registry.call(Method::PUT, &format!("{path}/tags/a"));
        call.send().await.expect(403);
    }
    // A token that is not valid is not the same as none.
    let headers = [("x-auth-token", "unknown")];
    get(&registry, "/v2/images", &headers).await.expect(401);
}

#[tokio::test]
async fn identity_headers_of_a_client_count_for_nothing() {
    let keystone = FakeKeystone::start().await;
    keystone.knows("alice", json!({}));
    let forged = [
        ("x-identity-status", "Confirmed"),
        ("x-user-id", "root"),
        ("x-project-id", "beta"),
        ("x-tenant-id", "beta"),
        ("x-domain-id", "default"),
        ("x-roles", "admin"),
        ("x-role", "admin"),
        ("x-service-roles", "service"),
        ("x-service-identity-status", "Confirmed"),
        ("x-is-admin-project", "True"),
        ("openstack-system-scope", "all"),
    ];
    let registry = registry(Engine::Sqlite, &keystone, "").await;
    get(&registry, "/v2/images", &forged).await.expect(401);
    let body = json!({"visibility": "public"});
    let call = registry.call(Method::POST, "/v2/images").json(&body);
    let call = forged
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value));
    call.header("x-auth-token", "alice")
        .send()
        .await
        .expect(403);
    let call = registry.call(Method::POST, "/v2/images").json(&json!({}));
    let call = forged
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value));
    let created = call
        .header("x-auth-token", "alice")
        .send()
        .await
        .expect(201);
    assert_eq!(created.json()["owner"], "alpha");

    let open = Registry::configured(Engine::Sqlite, "[auth]\nstrategy = \"none\"").await;
    let call = open.call(Method::POST, "/v2/images").json(&json!({}));
    let call = forged
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value));
    let created = call.send().await.expect(201).json();
    assert_eq!(created["owner"], Value::Null);
}
