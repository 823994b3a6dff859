//! Namespaces.

use axum::http::Method;
use serde_json::{Value, json};

use super::{ADMIN, NAMESPACES, assert_refused, at, create, full, names, shown};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    a_namespace_is_created_with_all_that_is_in_it,
    a_namespace_without_more_is_private_and_its_creators,
    a_namespace_is_created_whole_or_not_at_all,
    a_field_that_is_not_what_it_may_be_is_named,
    what_the_registry_sets_cannot_be_sent,
    a_prefix_is_put_before_properties_for_a_type_of_resources,
    a_namespace_is_described_anew_and_keeps_what_is_in_it,
    a_namespace_goes_with_all_that_is_in_it,
    nothing_of_a_protected_namespace_can_be_deleted,
    namespaces_are_listed_page_by_page,
    namespaces_are_narrowed_by_parameters,
    a_marker_must_be_seen,
    a_namespace_has_a_bounded_number_of_things,
];

async fn a_namespace_is_created_with_all_that_is_in_it(engine: Engine) {
    let registry = Registry::open(engine).await;
    let mut body = full();
    body["namespace"] = json!("OS::Test x");
    let created = registry.post(ADMIN, NAMESPACES, &body).await.expect(201);
    let location = created.header("location").to_owned();
    assert!(
        location.ends_with("/v2/metadefs/namespaces/OS::Test%20x"),
        "{location}"
    );
    let created = created.json();
    let found = shown(&registry, "OS::Test%20x").await;
    assert_eq!(created, found);
    for field in ["display_name", "description", "visibility", "properties"] {
        assert_eq!(found[field], body[field], "{field}");
    }
    assert_eq!(found["protected"], false);
    assert_eq!(found["owner"], ADMIN.project);
    assert_eq!(found["self"], "/v2/metadefs/namespaces/OS::Test%20x");
    assert_eq!(found["schema"], "/v2/schemas/metadefs/namespace");
    let types = names(&found["resource_type_associations"], "name");
    assert_eq!(types, ["OS::Cinder::Volume", "OS::Glance::Image"]);
    assert_eq!(found["resource_type_associations"][1]["prefix"], "hw_");
    let object = &found["objects"][0];
    assert_eq!(object["required"], json!(["quota"]));
    assert_eq!(object["properties"]["quota"]["title"], "Quota");
    assert_eq!(
        object["self"],
        "/v2/metadefs/namespaces/OS::Test%20x/objects/limits"
    );
    assert_eq!(names(&found["tags"], "name"), ["slow", "fast"]);
}

async fn a_namespace_without_more_is_private_and_its_creators(engine: Engine) {
    let registry = Registry::open(engine).await;
    let created = create(&registry, "a", json!({})).await;
    let keys: Vec<_> = created.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "namespace",
            "visibility",
            "protected",
            "owner",
            "created_at",
            "updated_at",
            "self",
            "schema"
        ]
    );
    assert_eq!(created["visibility"], "private");
    let given = create(&registry, "b", json!({"owner": "alpha"})).await;
    assert_eq!(given["owner"], "alpha");
}

async fn a_namespace_is_created_whole_or_not_at_all(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "a", json!({})).await;
    let again = registry
        .post(ADMIN, NAMESPACES, &json!({"namespace": "a"}))
        .await;
    assert_refused(again, 409, "namespace=a already exists");
    for (contents, named) in [
        (json!({"tags": [{"name": "x"}, {"name": "x"}]}), "tag"),
        (json!({"objects": [{"name": "x"}, {"name": "x"}]}), "object"),
        (
            json!({"resource_type_associations": [{"name": "x"}, {"name": "x"}]}),
            "resource type",
        ),
    ] {
        let mut body = contents;
        body["namespace"] = json!("b");
        assert_refused(registry.post(ADMIN, NAMESPACES, &body).await, 409, named);
        registry.get(ADMIN, &at("b")).await.expect(404);
    }
}

async fn a_field_that_is_not_what_it_may_be_is_named(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "there", json!({})).await;
    for (field, value) in [
        ("namespace", json!("a".repeat(81))),
        ("namespace", json!("a/b")),
        ("namespace", json!("")),
        ("namespace", json!(5)),
        ("display_name", json!("a".repeat(81))),
        ("description", json!("a".repeat(501))),
        ("description", json!(null)),
        ("owner", json!("a".repeat(256))),
        ("visibility", json!("shared")),
        ("visibility", json!(null)),
        ("protected", json!("true")),
        ("properties", json!([])),
        ("properties", json!({"p": {"title": "P"}})),
        (
            "properties",
            json!({"p": {"title": "P", "type": "string", "x": 1}}),
        ),
        ("objects", json!({})),
        ("objects", json!([{"description": "no name"}])),
        ("objects", json!([{"name": "o", "required": ["a", "a"]}])),
        ("tags", json!([{"name": 1}])),
        ("tags", json!(["a"])),
        ("resource_type_associations", json!([{"prefix": "x"}])),
        ("bogus", json!(1)),
    ] {
        let mut body = json!({"namespace": "n"});
        body[field] = value;
        assert_refused(registry.post(ADMIN, NAMESPACES, &body).await, 400, field);
        assert_refused(registry.put(ADMIN, &at("there"), &body).await, 400, field);
    }
    let nameless = registry.post(ADMIN, NAMESPACES, &json!({})).await;
    assert_refused(nameless, 400, "namespace");
    registry
        .post(ADMIN, NAMESPACES, &json!([]))
        .await
        .expect(400);
    let call = registry.call(Method::POST, NAMESPACES).by(ADMIN);
    assert_refused(call.send().await, 400, "Body expected");
}

async fn what_the_registry_sets_cannot_be_sent(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", json!({})).await;
    for field in ["self", "schema", "created_at", "updated_at"] {
        let body = json!({"namespace": "m", field: "x"});
        assert_refused(registry.post(ADMIN, NAMESPACES, &body).await, 403, field);
        assert_refused(registry.put(ADMIN, &at("n"), &body).await, 403, field);
    }
}

async fn a_prefix_is_put_before_properties_for_a_type_of_resources(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    let path = at("n?resource_type=OS::Glance::Image&bogus=1");
    let found = registry.get(ADMIN, &path).await.expect(200).json();
    assert_eq!(found["properties"]["hw_cores"]["type"], "integer");
    assert_eq!(found["objects"][0]["required"], json!(["hw_quota"]));
    assert!(found["objects"][0]["properties"]["hw_quota"].is_object());
    for other in ["OS::Cinder::Volume", "OS::Nova::Server", ""] {
        let path = at(&format!("n?resource_type={other}"));
        let found = registry.get(ADMIN, &path).await.expect(200).json();
        assert!(found["properties"]["cores"].is_object(), "{other}");
    }
}

async fn a_namespace_is_described_anew_and_keeps_what_is_in_it(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    create(&registry, "taken", json!({})).await;
    let body = json!({"namespace": "m", "tags": [{"name": "passed over"}]});
    let updated = registry.put(ADMIN, &at("n"), &body).await.expect(200);
    let updated = updated.json();
    assert_eq!(updated["namespace"], "m");
    assert_eq!(updated["visibility"], "private");
    assert_eq!(updated.get("display_name"), None);
    registry.get(ADMIN, &at("n")).await.expect(404);
    let found = shown(&registry, "m").await;
    assert_eq!(names(&found["tags"], "name"), ["slow", "fast"]);
    assert!(found["properties"]["cores"].is_object());
    assert_eq!(names(&found["objects"], "name"), ["limits"]);
    assert_eq!(
        found["resource_type_associations"].as_array().map(Vec::len),
        Some(2)
    );
    let clash = registry
        .put(ADMIN, &at("m"), &json!({"namespace": "taken"}))
        .await;
    assert_refused(clash, 409, "namespace=taken already exists");
    let unknown = registry
        .put(ADMIN, &at("no"), &json!({"namespace": "no"}))
        .await;
    assert_refused(unknown, 404, "namespace=no");
}

async fn a_namespace_goes_with_all_that_is_in_it(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    assert!(
        registry
            .delete(ADMIN, &at("n"))
            .await
            .expect(204)
            .body
            .is_empty()
    );
    assert_refused(registry.delete(ADMIN, &at("n")).await, 404, "namespace=n");
    let empty = create(&registry, "n", json!({})).await;
    assert_eq!(empty.get("tags"), None);
    assert_eq!(empty.get("objects"), None);
    let call = registry.call(Method::DELETE, &at("n")).by(ADMIN);
    assert_refused(call.body("x").send().await, 400, "body is not expected");
}

async fn nothing_of_a_protected_namespace_can_be_deleted(engine: Engine) {
    let registry = Registry::open(engine).await;
    let mut body = full();
    body["protected"] = json!(true);
    create(&registry, "n", body).await;
    let before = shown(&registry, "n").await;
    for rest in [
        "",
        "/objects",
        "/properties",
        "/tags",
        "/objects/limits",
        "/properties/cores",
        "/tags/fast",
        "/resource_types/OS::Glance::Image",
    ] {
        let answer = registry.delete(ADMIN, &at(&format!("n{rest}"))).await;
        assert_refused(answer, 403, "protected");
    }
    assert_eq!(shown(&registry, "n").await, before);
    for rest in [
        "/objects/x",
        "/properties/x",
        "/tags/x",
        "/resource_types/x",
    ] {
        registry
            .delete(ADMIN, &at(&format!("n{rest}")))
            .await
            .expect(404);
    }
    let open = json!({"namespace": "n"});
    registry.put(ADMIN, &at("n"), &open).await.expect(200);
    registry.delete(ADMIN, &at("n")).await.expect(204);
}

async fn pages(registry: &Registry, first: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let page = registry.get(ADMIN, &path).await.expect(200).json();
        next = page["next"].as_str().map(str::to_owned);
        pages.push(names(&page["namespaces"], "namespace"));
    }
    pages
}

async fn namespaces_are_listed_page_by_page(engine: Engine) {
    let registry = Registry::with(engine, "[DEFAULT]\nlimit_param_default = 2").await;
    for (name, display) in [("a", "2"), ("b&b", "1"), ("c", "2")] {
        create(&registry, name, json!({"display_name": display})).await;
    }
    let page = registry.get(ADMIN, NAMESPACES).await.expect(200).json();
    assert_eq!(names(&page["namespaces"], "namespace"), ["c", "b&b"]);
    assert_eq!(page["first"], NAMESPACES);
    assert_eq!(page["next"], "/v2/metadefs/namespaces?marker=b%26b");
    assert_eq!(page["schema"], "/v2/schemas/metadefs/namespaces");
    for (query, expected) in [
        ("?limit=2", vec![vec!["c", "b&b"], vec!["a"]]),
        ("?sort_dir=asc", vec![vec!["a", "b&b"], vec!["c"]]),
        (
            "?sort_key=namespace&limit=1&sort_dir=asc",
            vec![vec!["a"], vec!["b&b"], vec!["c"], vec![]],
        ),
        ("?sort_key=display_name", vec![vec!["c", "a"], vec!["b&b"]]),
        ("?sort_key=updated_at&limit=5", vec![vec!["c", "b&b", "a"]]),
        (
            "?sort_key=owner&sort_dir=asc",
            vec![vec!["a", "b&b"], vec!["c"]],
        ),
        ("?limit=0", vec![vec![]]),
    ] {
        let got = pages(&registry, &format!("{NAMESPACES}{query}")).await;
        assert_eq!(got, expected, "{query}");
    }
    for query in [
        "limit=x",
        "limit=-1",
        "sort_key=id",
        "sort_dir=up",
        "visibility=shared",
    ] {
        let answer = registry.get(ADMIN, &format!("{NAMESPACES}?{query}")).await;
        assert_refused(answer, 400, query.split('=').next().expect("a name"));
    }
}

async fn namespaces_are_narrowed_by_parameters(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "full", full()).await;
    create(&registry, "kept", json!({"protected": true})).await;
    for (query, expected) in [
        ("visibility=public", vec!["full"]),
        ("visibility=private", vec!["kept"]),
        ("protected=true", vec!["kept"]),
        ("resource_types=OS::X,OS::Glance::Image", vec!["full"]),
        ("resource_types=OS::X", vec![]),
        ("resource_types=", vec![]),
        ("bogus=1", vec!["kept", "full"]),
    ] {
        let path = format!("{NAMESPACES}?{query}");
        let page = registry.get(ADMIN, &path).await.expect(200).json();
        assert_eq!(names(&page["namespaces"], "namespace"), expected, "{query}");
    }
    let page = registry
        .get(ADMIN, &format!("{NAMESPACES}?visibility=public"))
        .await;
    let listed: Value = page.json()["namespaces"][0].take();
    assert_eq!(
        listed["resource_type_associations"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(listed.get("properties"), None);
}

async fn a_marker_must_be_seen(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "secret", json!({})).await;
    for (persona, marker, status) in [
        (ADMIN, "secret", 200),
        (ADMIN, "unknown", 404),
        (ADMIN, "a%2Fb", 404),
        (Persona::STRANGER, "secret", 404),
    ] {
        let path = format!("{NAMESPACES}?marker={marker}");
        registry.get(persona, &path).await.expect(status);
    }
}

async fn a_namespace_has_a_bounded_number_of_things(engine: Engine) {
    let registry = Registry::open(engine).await;
    let tags = |count: usize| -> Value {
        let tags = (0..count).map(|number| json!({"name": number.to_string()}));
        tags.collect()
    };
    let body = json!({"namespace": "n", "tags": tags(501)});
    assert_refused(
        registry.post(ADMIN, NAMESPACES, &body).await,
        413,
        "500 tags",
    );
    create(&registry, "n", json!({"tags": tags(500)})).await;
    let call = registry
        .call(Method::POST, &at("n/tags/one-more"))
        .by(ADMIN);
    assert_refused(call.send().await, 413, "500 tags");
    let body = json!({"tags": tags(501)});
    let answer = registry.post(ADMIN, &at("n/tags"), &body).await;
    assert_refused(answer, 413, "500 tags");
    let tags = registry.get(ADMIN, &at("n/tags")).await.expect(200).json();
    assert_eq!(tags["tags"].as_array().map(Vec::len), Some(500));
}
