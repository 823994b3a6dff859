//! Definitions of single properties.

use axum::http::Method;
use serde_json::json;

use super::{ADMIN, assert_refused, at, create, full, shown};
use crate::support::{Engine, Registry, on_every_engine};

on_every_engine![
    a_property_is_defined_shown_changed_and_deleted,
    a_name_is_given_to_one_property,
    a_property_is_shown_for_a_type_of_resources,
    a_definition_that_is_not_what_it_may_be_is_refused,
    all_properties_can_be_deleted_at_once,
];

async fn a_property_is_defined_shown_changed_and_deleted(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", json!({})).await;
    let none = registry.get(ADMIN, &at("n/properties")).await.expect(200);
    assert_eq!(none.json(), json!({"properties": {}}));
    let property = json!({
        "name": "p", "type": "string", "title": "P", "description": "d", "operators": ["<or>"],
        "default": "a", "readonly": true, "enum": ["a", "b"], "pattern": "^.$",
        "minLength": 1, "maxLength": 1,
    });
    let created = registry.post(ADMIN, &at("n/properties"), &property).await;
    assert_eq!(created.expect(201).json(), property);
    let found = registry.get(ADMIN, &at("n/properties/p")).await.expect(200);
    assert_eq!(found.json(), property);
    let changed = json!({"name": "q", "type": "integer", "title": "Q", "minimum": 1.5});
    let updated = registry.put(ADMIN, &at("n/properties/p"), &changed).await;
    assert_eq!(updated.expect(200).json(), changed);
    registry.get(ADMIN, &at("n/properties/p")).await.expect(404);
    let all = registry
        .get(ADMIN, &at("n/properties"))
        .await
        .expect(200)
        .json();
    let listed = json!({"type": "integer", "title": "Q", "minimum": 1.5});
    assert_eq!(all, json!({"properties": {"q": listed}}));
    registry
        .delete(ADMIN, &at("n/properties/q"))
        .await
        .expect(204);
    let gone = registry.delete(ADMIN, &at("n/properties/q")).await;
    assert_refused(
        gone,
        404,
        "property with name=q was not found in namespace=n",
    );
}

async fn a_name_is_given_to_one_property(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    let cores = json!({"name": "cores", "type": "string", "title": "C"});
    let twice = registry.post(ADMIN, &at("n/properties"), &cores).await;
    assert_refused(twice, 409, "property with name=cores already exists");
    let other = json!({"name": "other", "type": "string", "title": "O"});
    registry
        .post(ADMIN, &at("n/properties"), &other)
        .await
        .expect(201);
    let clash = registry.put(ADMIN, &at("n/properties/other"), &cores).await;
    assert_refused(clash, 409, "property with name=cores already exists");
    let same = registry.put(ADMIN, &at("n/properties/cores"), &cores).await;
    same.expect(200);
    let unknown = registry.put(ADMIN, &at("n/properties/no"), &other).await;
    assert_refused(unknown, 404, "name=no");
}

async fn a_property_is_shown_for_a_type_of_resources(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    for (path, status) in [
        ("hw_cores?resource_type=OS::Glance::Image", 200),
        ("cores?resource_type=OS::Glance::Image", 404),
        ("cores?resource_type=OS::Cinder::Volume", 200),
        ("cores?resource_type=OS::Nova::Server", 404),
        ("cores?resource_type=a%2Fb", 404),
        ("cores?bogus=1", 200),
        ("no", 404),
    ] {
        let answer = registry
            .get(ADMIN, &at(&format!("n/properties/{path}")))
            .await;
        let answer = answer.expect(status);
        if status == 200 {
            assert_eq!(answer.json()["name"], "cores", "{path}");
        }
    }
}

async fn a_definition_that_is_not_what_it_may_be_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    let path = at("n/properties");
    for (field, value, status) in [
        ("name", json!("a".repeat(81)), 400),
        ("name", json!(null), 400),
        ("title", json!(1), 400),
        ("type", json!("text"), 400),
        ("enum", json!("a"), 400),
        ("bogus", json!(1), 400),
        ("created_at", json!("x"), 403),
        ("updated_at", json!("x"), 403),
    ] {
        let mut body = json!({"name": "p", "type": "string", "title": "P"});
        body[field] = value;
        assert_refused(registry.post(ADMIN, &path, &body).await, status, field);
        let one = at("n/properties/cores");
        assert_refused(registry.put(ADMIN, &one, &body).await, status, field);
    }
    let long = json!({"name": "p", "type": "string", "title": "x".repeat(40_000)});
    assert_refused(registry.post(ADMIN, &path, &long).await, 400, "32768");
    let call = registry.call(Method::GET, &path).by(ADMIN);
    assert_refused(call.body("x").send().await, 400, "body is not expected");
}

async fn all_properties_can_be_deleted_at_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    for _ in 0..2 {
        registry
            .delete(ADMIN, &at("n/properties"))
            .await
            .expect(204);
    }
    let found = shown(&registry, "n").await;
    assert_eq!(found.get("properties"), None);
    assert!(found["objects"].is_array());
    registry
        .delete(ADMIN, &at("no/properties"))
        .await
        .expect(404);
}
