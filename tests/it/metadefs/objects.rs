//! Definitions of groups of properties.

use serde_json::json;

use super::{ADMIN, assert_refused, at, create, full, names, shown};
use crate::support::{Engine, Registry, on_every_engine};

on_every_engine![
    an_object_is_defined_shown_changed_and_deleted,
    a_name_is_given_to_one_object,
    objects_are_listed_page_by_page,
    an_object_that_is_not_what_it_may_be_is_refused,
    all_objects_can_be_deleted_at_once,
];

async fn an_object_is_defined_shown_changed_and_deleted(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", json!({})).await;
    let definition = json!({"type": "string", "title": "T"});
    let body = json!({
        "name": "o", "description": "d", "required": ["p"], "properties": {"p": definition},
    });
    let created = registry.post(ADMIN, &at("n/objects"), &body).await;
    let created = created.expect(201).json();
    for field in ["name", "description", "required", "properties"] {
        assert_eq!(created[field], body[field], "{field}");
    }
    assert_eq!(created["self"], "/v2/metadefs/namespaces/n/objects/o");
    assert_eq!(created["schema"], "/v2/schemas/metadefs/object");
    let found = registry.get(ADMIN, &at("n/objects/o")).await.expect(200);
    assert_eq!(found.json(), created);
    let updated = registry
        .put(ADMIN, &at("n/objects/o"), &json!({"name": "q"}))
        .await;
    let updated = updated.expect(200).json();
    assert_eq!(updated["required"], json!([]));
    assert_eq!(updated["properties"], json!({}));
    assert_eq!(updated.get("description"), None);
    assert_eq!(updated["created_at"], created["created_at"]);
    registry.get(ADMIN, &at("n/objects/o")).await.expect(404);
    registry.delete(ADMIN, &at("n/objects/q")).await.expect(204);
    let gone = registry.get(ADMIN, &at("n/objects/q")).await;
    assert_refused(gone, 404, "object with name=q was not found in namespace=n");
}

async fn a_name_is_given_to_one_object(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    let limits = json!({"name": "limits"});
    let twice = registry.post(ADMIN, &at("n/objects"), &limits).await;
    assert_refused(twice, 409, "object with name=limits already exists");
    let other = json!({"name": "other"});
    registry
        .post(ADMIN, &at("n/objects"), &other)
        .await
        .expect(201);
    let clash = registry.put(ADMIN, &at("n/objects/other"), &limits).await;
    assert_refused(clash, 409, "object with name=limits already exists");
    let unknown = registry.put(ADMIN, &at("n/objects/no"), &other).await;
    assert_refused(unknown, 404, "name=no");
}

async fn objects_are_listed_page_by_page(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", json!({})).await;
    for name in ["b", "a", "c"] {
        let body = json!({"name": name});
        registry
            .post(ADMIN, &at("n/objects"), &body)
            .await
            .expect(201);
    }
    for (query, expected) in [
        ("", vec!["b", "a", "c"]),
        ("?limit=2", vec!["b", "a"]),
        ("?limit=2&marker=a", vec!["c"]),
        ("?sort_dir=desc", vec!["c", "a", "b"]),
        ("?sort_key=name", vec!["a", "b", "c"]),
        ("?sort_key=name&sort_dir=desc&marker=c", vec!["b", "a"]),
        ("?visibility=public", vec!["b", "a", "c"]),
    ] {
        let list = registry.get(ADMIN, &at(&format!("n/objects{query}"))).await;
        let list = list.expect(200).json();
        assert_eq!(names(&list["objects"], "name"), expected, "{query}");
        assert_eq!(list["schema"], "/v2/schemas/metadefs/objects");
    }
    for (query, status) in [
        ("limit=0", 400),
        ("limit=x", 400),
        ("sort_key=id", 400),
        ("sort_dir=x", 400),
        ("marker=no", 404),
    ] {
        let path = at(&format!("n/objects?{query}"));
        registry.get(ADMIN, &path).await.expect(status);
    }
}

async fn an_object_that_is_not_what_it_may_be_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    for (field, value, status) in [
        ("name", json!("a".repeat(81)), 400),
        ("description", json!(5), 400),
        ("description", json!("a".repeat(5001)), 400),
        ("required", json!("p"), 400),
        ("required", json!(["p", "p"]), 400),
        ("properties", json!({"p": {"type": "string"}}), 400),
        (
            "properties",
            json!({"a/b": {"type": "string", "title": "T"}}),
            400,
        ),
        ("bogus", json!(1), 400),
        ("self", json!("x"), 403),
        ("schema", json!("x"), 403),
        ("created_at", json!("x"), 403),
        ("updated_at", json!("x"), 403),
    ] {
        let mut body = json!({"name": "o"});
        body[field] = value;
        let created = registry.post(ADMIN, &at("n/objects"), &body).await;
        assert_refused(created, status, field);
        let updated = registry.put(ADMIN, &at("n/objects/limits"), &body).await;
        assert_refused(updated, status, field);
    }
}

async fn all_objects_can_be_deleted_at_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    registry.delete(ADMIN, &at("n/objects")).await.expect(204);
    let found = shown(&registry, "n").await;
    assert_eq!(found.get("objects"), None);
    assert!(found["properties"].is_object());
    registry.delete(ADMIN, &at("no/objects")).await.expect(404);
}
