//! `PATCH /v2/images/{image_id}`: what a patch may say.

use axum::http::Method;
use serde_json::{Value, json};

use super::{assert_refused, image};
use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

const V20: &str = "application/openstack-images-v2.0-json-patch";
const V21: &str = "application/openstack-images-v2.1-json-patch";

on_every_engine![
    both_media_types_change_an_image,
    another_media_type_is_refused,
    a_patch_is_a_list_of_operations,
    a_pointer_names_one_attribute,
    a_pointer_is_unescaped,
    what_is_not_there_is_not_replaced_or_removed,
    add_overwrites_but_not_in_the_older_media_type,
    attributes_of_the_registry_cannot_be_changed,
    attributes_of_every_image_cannot_be_removed,
    values_are_what_they_may_be_at_creation,
    stores_are_not_changed_by_a_patch,
];

async fn patch(registry: &Registry, id: &str, operations: Value) -> Answer {
    registry
        .patch(Persona::MEMBER, &image(id), &operations)
        .await
}

async fn older_patch(registry: &Registry, id: &str, operations: Value) -> Answer {
    let call = registry.call(Method::PATCH, &image(id)).by(Persona::MEMBER);
    let call = call.header("content-type", V20);
    call.body(operations.to_string()).send().await
}

/// The refusal changes nothing.
async fn assert_unchanged(registry: &Registry, before: &Value) {
    let id = before["id"].as_str().expect("an id");
    assert_eq!(&registry.shown(id).await, before);
}

async fn both_media_types_change_an_image(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"a": "1", "b": "2"}))
        .await;
    let newer = json!([
        {"op": "replace", "path": "/name", "value": "newer"},
        {"op": "add", "path": "/c", "value": "3"},
        {"op": "remove", "path": "/a"},
    ]);
    let image = patch(&registry, &id, newer).await.expect(200).json();
    assert_eq!(image, registry.shown(&id).await);
    assert_eq!(
        (&image["name"], &image["c"]),
        (&json!("newer"), &json!("3"))
    );
    assert_eq!(image.get("a"), None);

    let older = json!([
        {"replace": "/name", "value": "older"},
        {"add": "/d", "value": "4"},
        {"remove": "/b"},
    ]);
    let image = older_patch(&registry, &id, older).await.expect(200).json();
    assert_eq!(image, registry.shown(&id).await);
    assert_eq!(
        (&image["name"], &image["d"]),
        (&json!("older"), &json!("4"))
    );
    assert_eq!(image.get("b"), None);
}

async fn another_media_type_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let operations = json!([{"op": "replace", "path": "/name", "value": "x"}]);
    for media_type in [
        None,
        Some("application/json"),
        Some("application/json-patch+json"),
        Some("application/openstack-images-v2.2-json-patch"),
    ] {
        let call = registry
            .call(Method::PATCH, &image(&id))
            .by(Persona::MEMBER);
        let call = match media_type {
            Some(media_type) => call.header("content-type", media_type),
            None => call,
        };
        let refused = call.body(operations.to_string()).send().await.expect(415);
        assert_eq!(refused.header("accept-patch"), format!("{V21}, {V20}"));
    }
    let call = registry
        .call(Method::PATCH, &image(&id))
        .by(Persona::MEMBER);
    let call = call.header("content-type", &format!("{V21}; charset=utf-8"));
    call.body(operations.to_string()).send().await.expect(200);
}

async fn a_patch_is_a_list_of_operations(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let before = registry.shown(&id).await;
    for operations in [
        json!({}),
        json!({"op": "replace", "path": "/name", "value": "x"}),
        json!("x"),
        json!(null),
        json!([["op", "replace"]]),
        json!([{}]),
        json!([{"path": "/name", "value": "x"}]),
        json!([{"op": "replace", "value": "x"}]),
        json!([{"op": "replace", "path": "/name"}]),
        json!([{"op": "add", "path": "/a"}]),
        json!([{"op": "test", "path": "/name", "value": null}]),
        json!([{"op": "move", "path": "/a", "from": "/b"}]),
        json!([{"op": "copy", "path": "/a", "from": "/b"}]),
        json!([{"op": "REPLACE", "path": "/name", "value": "x"}]),
        json!([{"replace": "/name", "value": "x"}]),
    ] {
        patch(&registry, &id, operations).await.expect(400);
    }
    for operations in [
        json!([{"op": "replace", "path": "/name", "value": "x"}]),
        json!([{"add": "/a", "remove": "/a", "value": "x"}]),
        json!([{"replace": "/name"}]),
        json!([{"value": "x"}]),
    ] {
        older_patch(&registry, &id, operations).await.expect(400);
    }
    for (body, why) in [("", "Body expected"), ("[", "Malformed JSON")] {
        let call = registry
            .call(Method::PATCH, &image(&id))
            .by(Persona::MEMBER);
        let call = call.header("content-type", V21).body(body);
        assert_refused(call.send().await, 400, why);
    }
    assert_unchanged(&registry, &before).await;
}

async fn a_pointer_names_one_attribute(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"tags": ["a"]}))
        .await;
    let before = registry.shown(&id).await;
    for path in [
        "",
        "name",
        "/name/",
        "//name",
        "/a//b",
        "//",
        "/a~",
        "/a~2",
        "/name/first",
        "/tags/-",
        "/tags/0",
        "/a/b/c",
    ] {
        for op in ["add", "replace"] {
            let operations = json!([{"op": op, "path": path, "value": "x"}]);
            patch(&registry, &id, operations).await.expect(400);
            let operations = json!([{op: path, "value": "x"}]);
            older_patch(&registry, &id, operations).await.expect(400);
        }
        let operations = json!([{"op": "remove", "path": path}]);
        patch(&registry, &id, operations).await.expect(400);
    }
    assert_unchanged(&registry, &before).await;
}

async fn a_pointer_is_unescaped(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for (path, name) in [
        ("/", ""),
        ("/a~1b", "a/b"),
        ("/a~0b", "a~b"),
        ("/~01", "~1"),
        ("/ blank ", "blank"),
        ("/image_id", "image_id"),
        ("/extra_properties", "extra_properties"),
        ("/member", "member"),
        ("/delete", "delete"),
    ] {
        let operations = json!([{"op": "add", "path": path, "value": "x"}]);
        let image = patch(&registry, &id, operations).await.expect(200).json();
        assert_eq!(image[name], "x", "{path}");
        let operations = json!([{"op": "remove", "path": path}]);
        let image = patch(&registry, &id, operations).await.expect(200).json();
        assert_eq!(image.get(name), None, "{path}");
    }
}

async fn what_is_not_there_is_not_replaced_or_removed(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for operation in [
        json!({"op": "replace", "path": "/absent", "value": "x"}),
        json!({"op": "remove", "path": "/absent"}),
    ] {
        let refused = patch(&registry, &id, json!([operation])).await;
        assert_refused(refused, 409, "absent");
    }
    for operation in [
        json!({"replace": "/absent", "value": "x"}),
        json!({"remove": "/absent"}),
    ] {
        let refused = older_patch(&registry, &id, json!([operation])).await;
        assert_refused(refused, 409, "absent");
    }
}

async fn add_overwrites_but_not_in_the_older_media_type(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({"a": "1"})).await;
    let newer = json!([{"op": "add", "path": "/a", "value": "2"}]);
    patch(&registry, &id, newer).await.expect(200);
    let older = json!([{"add": "/a", "value": "3"}]);
    assert_refused(older_patch(&registry, &id, older).await, 409, "a already");
    assert_eq!(registry.shown(&id).await["a"], "2");
    let older = json!([{"add": "/name", "value": "x"}]);
    older_patch(&registry, &id, older).await.expect(200);
}

async fn attributes_of_the_registry_cannot_be_changed(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let before = registry.shown(&id).await;
    for name in [
        "created_at",
        "updated_at",
        "status",
        "checksum",
        "size",
        "virtual_size",
        "direct_url",
        "self",
        "file",
        "schema",
        "id",
        "os_hash_algo",
        "os_hash_value",
        "location",
        "deleted",
        "deleted_at",
        "os_glance",
        "os_glance_import_task",
        "os_glancex",
    ] {
        let path = format!("/{name}");
        for operation in [
            json!({"op": "add", "path": path, "value": "x"}),
            json!({"op": "replace", "path": path, "value": "x"}),
            json!({"op": "replace", "path": path, "value": before[name]}),
            json!({"op": "remove", "path": path}),
        ] {
            for persona in [Persona::MEMBER, Persona::ADMIN] {
                let operations = json!([operation]);
                let refused = registry.patch(persona, &image(&id), &operations).await;
                assert_refused(refused, 403, &format!("'{name}'"));
            }
        }
    }
    let place = json!({"url": "http://127.0.0.1:1/x", "metadata": {}});
    for operation in [
        json!({"op": "add", "path": "/locations/-", "value": place}),
        json!({"op": "add", "path": "/locations/0", "value": place}),
        json!({"op": "replace", "path": "/locations", "value": [place]}),
        json!({"op": "remove", "path": "/locations/0"}),
    ] {
        let operations = json!([operation]);
        patch(&registry, &id, operations).await.expect(403);
    }
    assert_unchanged(&registry, &before).await;
}

async fn attributes_of_every_image_cannot_be_removed(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for name in [
        "name",
        "disk_format",
        "container_format",
        "visibility",
        "owner",
        "min_disk",
        "min_ram",
        "protected",
        "os_hidden",
        "tags",
    ] {
        let operations = json!([{"op": "remove", "path": format!("/{name}")}]);
        let refused = patch(&registry, &id, operations).await;
        assert_refused(refused, 403, &format!("'{name}'"));
    }
}

async fn values_are_what_they_may_be_at_creation(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"custom": "1"}))
        .await;
    let before = registry.shown(&id).await;
    for (name, value) in [
        ("name", json!(5)),
        ("name", json!("x".repeat(256))),
        ("name", json!("\u{1F600}")),
        ("disk_format", json!("box")),
        ("container_format", json!("")),
        ("visibility", json!("secret")),
        ("min_ram", json!(-1)),
        ("min_disk", json!(2_147_483_648_u32)),
        ("protected", json!("yes")),
        ("os_hidden", json!(null)),
        ("tags", json!("a")),
        ("tags", json!(["x".repeat(256)])),
        ("custom", json!(null)),
        ("custom", json!(5)),
        ("kernel_id", json!("zzz")),
    ] {
        for op in ["add", "replace"] {
            let operation = json!({"op": op, "path": format!("/{name}"), "value": value});
            let refused = patch(&registry, &id, json!([operation])).await;
            assert_refused(refused, 400, name);
        }
    }
    let long = format!("/{}", "x".repeat(256));
    let operation = json!({"op": "add", "path": long, "value": "x"});
    patch(&registry, &id, json!([operation])).await.expect(400);
    assert_unchanged(&registry, &before).await;
}

async fn stores_are_not_changed_by_a_patch(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), "data")
        .await;
    let before = registry.shown(&id).await;
    for (operation, status) in [
        (json!({"op": "add", "path": "/stores", "value": "x"}), 403),
        (
            json!({"op": "replace", "path": "/stores", "value": "x"}),
            409,
        ),
        (json!({"op": "remove", "path": "/stores"}), 409),
    ] {
        patch(&registry, &id, json!([operation]))
            .await
            .expect(status);
    }
    assert_unchanged(&registry, &before).await;
}
