//! Types of resources, and the namespaces that apply to them.

use serde_json::json;

use super::{ADMIN, assert_refused, at, create, names};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    a_namespace_applies_to_a_type_until_it_is_told_not_to,
    a_type_that_was_named_once_stays_known,
    an_association_that_is_not_what_it_may_be_is_refused,
];

async fn a_namespace_applies_to_a_type_until_it_is_told_not_to(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", json!({})).await;
    let path = at("n/resource_types");
    let none = registry.get(ADMIN, &path).await.expect(200).json();
    assert_eq!(none, json!({"resource_type_associations": []}));
    let body = json!({"name": "OS::A", "prefix": "a:", "properties_target": "image"});
    let created = registry.post(ADMIN, &path, &body).await.expect(201).json();
    for field in ["name", "prefix", "properties_target"] {
        assert_eq!(created[field], body[field], "{field}");
    }
    let bare = registry.post(ADMIN, &path, &json!({"name": "OS::B"})).await;
    assert_eq!(bare.expect(201).json().get("prefix"), None);
    let twice = registry.post(ADMIN, &path, &body).await;
    assert_refused(twice, 409, "name=OS::A already exists");
    let list = registry.get(ADMIN, &path).await.expect(200).json();
    assert_eq!(list["resource_type_associations"][0], created);
    registry
        .delete(ADMIN, &at("n/resource_types/OS::A"))
        .await
        .expect(204);
    let gone = registry.delete(ADMIN, &at("n/resource_types/OS::A")).await;
    assert_refused(gone, 404, "name=OS::A was not found");
    let list = registry.get(ADMIN, &path).await.expect(200).json();
    assert_eq!(
        names(&list["resource_type_associations"], "name"),
        ["OS::B"]
    );
}

async fn a_type_that_was_named_once_stays_known(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", json!({})).await;
    let path = at("n/resource_types");
    for name in ["OS::B", "OS::A"] {
        let body = json!({"name": name});
        registry.post(ADMIN, &path, &body).await.expect(201);
    }
    registry.delete(ADMIN, &at("n")).await.expect(204);
    let types = registry
        .get(Persona::READER, "/v2/metadefs/resource_types")
        .await;
    let types = types.expect(200).json();
    assert_eq!(names(&types["resource_types"], "name"), ["OS::A", "OS::B"]);
    assert!(types["resource_types"][0]["created_at"].is_string());
}

async fn an_association_that_is_not_what_it_may_be_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", json!({})).await;
    for (field, value, status) in [
        ("name", json!("a".repeat(81)), 400),
        ("name", json!(1), 400),
        ("prefix", json!("a".repeat(81)), 400),
        ("properties_target", json!(null), 400),
        ("bogus", json!(1), 400),
        ("created_at", json!("x"), 403),
    ] {
        let mut body = json!({"name": "OS::A"});
        body[field] = value;
        let answer = registry.post(ADMIN, &at("n/resource_types"), &body).await;
        assert_refused(answer, status, field);
    }
}
