//! `PATCH /v2/images/{image_id}`: what a patch does, and for whom.

use serde_json::{Value, json};

use super::{NO_IMAGE, assert_refused, image};
use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

on_every_engine![
    every_attribute_that_may_be_set_is_set,
    a_patch_is_done_whole_or_not_at_all,
    operations_are_done_in_their_order,
    an_empty_patch_changes_nothing,
    a_patch_is_a_change_of_the_image,
    the_owner_is_changed_by_administrators_only,
    visibility_is_changed_by_those_who_may,
    formats_are_fixed_once_there_is_data,
    an_active_image_keeps_its_data,
    quotas_hold_for_what_is_added,
    tags_are_set_as_a_whole,
    patches_of_different_properties_at_a_time_are_both_kept,
    who_may_see_an_image_but_not_change_it_is_told,
    an_image_that_is_not_seen_is_not_found,
];

async fn patch(registry: &Registry, persona: Persona, id: &str, operations: Value) -> Answer {
    registry.patch(persona, &image(id), &operations).await
}

fn set(name: &str, value: impl Into<Value>) -> Value {
    json!({"op": "replace", "path": format!("/{name}"), "value": value.into()})
}

fn add(name: &str, value: impl Into<Value>) -> Value {
    json!({"op": "add", "path": format!("/{name}"), "value": value.into()})
}

async fn every_attribute_that_may_be_set_is_set(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for (name, value) in [
        ("name", json!("naïve")),
        ("disk_format", json!("qcow2")),
        ("container_format", json!("ova")),
        ("visibility", json!("private")),
        ("min_ram", json!(64)),
        ("min_disk", json!(1)),
        ("protected", json!(true)),
        ("os_hidden", json!(true)),
        ("tags", json!(["a", "b"])),
        ("name", json!(null)),
        ("disk_format", json!(null)),
    ] {
        for operation in [set(name, value.clone()), add(name, value.clone())] {
            let changed = patch(&registry, Persona::MEMBER, &id, json!([operation])).await;
            assert_eq!(changed.expect(200).json()[name], value, "{name}");
            assert_eq!(registry.shown(&id).await[name], value, "{name}");
        }
    }
}

async fn a_patch_is_done_whole_or_not_at_all(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"name": "before", "a": "1"}))
        .await;
    let before = registry.shown(&id).await;
    for (last, status) in [
        (set("absent", "x"), 409),
        (set("visibility", "public"), 403),
        (set("owner", "beta"), 403),
        (set("status", "active"), 403),
        (set("min_ram", -1), 400),
    ] {
        let operations = json!([
            set("name", "after"), add("b", "2"), {"op": "remove", "path": "/a"},
            set("tags", json!(["t"])), last,
        ]);
        patch(&registry, Persona::MEMBER, &id, operations)
            .await
            .expect(status);
        assert_eq!(registry.shown(&id).await, before);
    }
}

async fn operations_are_done_in_their_order(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({"a": "1"})).await;
    let remove = |name| json!({"op": "remove", "path": format!("/{name}")});
    let operations = json!([
        add("b", "2"),
        set("b", "3"),
        remove("a"),
        add("a", "4"),
        add("c", "5"),
        remove("c"),
    ]);
    let changed = patch(&registry, Persona::MEMBER, &id, operations).await;
    let changed = changed.expect(200).json();
    assert_eq!((&changed["a"], &changed["b"]), (&json!("4"), &json!("3")));
    assert_eq!(changed.get("c"), None);
    let operations = json!([remove("a"), set("a", "5")]);
    patch(&registry, Persona::MEMBER, &id, operations)
        .await
        .expect(409);
}

async fn an_empty_patch_changes_nothing(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    registry
        .execute("UPDATE images SET created_at = 0, updated_at = 0")
        .await;
    let before = registry.shown(&id).await;
    let answer = patch(&registry, Persona::MEMBER, &id, json!([])).await;
    assert_eq!(answer.expect(200).json(), before);
    assert_eq!(registry.shown(&id).await, before);
}

async fn a_patch_is_a_change_of_the_image(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    registry
        .execute("UPDATE images SET created_at = 0, updated_at = 0")
        .await;
    let operations = json!([set("name", Value::Null)]);
    let changed = patch(&registry, Persona::MEMBER, &id, operations).await;
    let changed = changed.expect(200).json();
    assert_eq!(changed["created_at"], "1970-01-01T00:00:00Z");
    assert_ne!(changed["updated_at"], "1970-01-01T00:00:00Z");
    assert_eq!(registry.shown(&id).await, changed);
}

async fn the_owner_is_changed_by_administrators_only(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for owner in [json!("beta"), json!("alpha"), json!(null)] {
        for operation in [set("owner", owner.clone()), add("owner", owner.clone())] {
            let refused = patch(&registry, Persona::MEMBER, &id, json!([operation])).await;
            assert_refused(refused, 403, "Owner");
            assert_eq!(registry.shown(&id).await["owner"], "alpha");
        }
    }
    for (operation, owner) in [
        (add("owner", Value::Null), json!(null)),
        (set("owner", "beta"), json!("beta")),
    ] {
        let changed = patch(&registry, Persona::ADMIN, &id, json!([operation])).await;
        assert_eq!(changed.expect(200).json()["owner"], owner);
    }
    registry.get(Persona::MEMBER, &image(&id)).await.expect(404);
}

async fn visibility_is_changed_by_those_who_may(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for operation in [set("visibility", "public"), add("visibility", "public")] {
        let refused = patch(&registry, Persona::MEMBER, &id, json!([operation])).await;
        assert_refused(refused, 403, "publicize_image");
    }
    for visibility in ["private", "community", "shared"] {
        let operations = json!([set("visibility", visibility)]);
        patch(&registry, Persona::MEMBER, &id, operations)
            .await
            .expect(200);
    }
    let operations = json!([set("visibility", "public")]);
    patch(&registry, Persona::ADMIN, &id, operations)
        .await
        .expect(200);
    assert_eq!(registry.shown(&id).await["visibility"], "public");
    // Back again needs no more than to own the image.
    let operations = json!([set("visibility", "private")]);
    patch(&registry, Persona::MEMBER, &id, operations)
        .await
        .expect(200);
}

async fn formats_are_fixed_once_there_is_data(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), "data")
        .await;
    for operation in [
        set("disk_format", "qcow2"),
        set("disk_format", "raw"),
        add("disk_format", Value::Null),
        set("container_format", "ova"),
        set("container_format", "bare"),
    ] {
        for persona in [Persona::MEMBER, Persona::ADMIN] {
            let refused = patch(&registry, persona, &id, json!([operation])).await;
            assert_refused(refused, 403, "format");
        }
    }
    let image = registry.shown(&id).await;
    assert_eq!(image["disk_format"], "raw");
    assert_eq!(image["container_format"], "bare");
}

async fn an_active_image_keeps_its_data(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), "data")
        .await;
    let before = registry.shown(&id).await;
    let operations = json!([set("name", "x"), set("protected", true), add("a", "1")]);
    let changed = patch(&registry, Persona::MEMBER, &id, operations).await;
    let changed = changed.expect(200).json();
    for name in [
        "status",
        "size",
        "virtual_size",
        "checksum",
        "os_hash_algo",
        "os_hash_value",
    ] {
        assert_eq!(changed[name], before[name], "{name}");
    }
    let file = format!("{}/file", image(&id));
    let data = registry.get(Persona::MEMBER, &file).await.expect(200);
    assert_eq!(data.text(), "data");
}

async fn quotas_hold_for_what_is_added(engine: Engine) {
    let settings = "[DEFAULT]\nimage_property_quota = 2\nimage_tag_quota = 2";
    let registry = Registry::with(engine, settings).await;
    let full = json!({"a": "1", "b": "2", "tags": ["a", "b"]});
    let id = registry.image(Persona::MEMBER, full).await;
    let before = registry.shown(&id).await;
    for (operations, option) in [
        (json!([add("c", "3")]), "image_property_quota"),
        (
            json!([set("tags", json!(["a", "b", "c"]))]),
            "image_tag_quota",
        ),
    ] {
        let refused = patch(&registry, Persona::MEMBER, &id, operations).await;
        assert_refused(refused, 413, option);
    }
    assert_eq!(registry.shown(&id).await, before);
    let swapped = json!([add("c", "3"), {"op": "remove", "path": "/a"}, set("tags", json!(["c"]))]);
    patch(&registry, Persona::MEMBER, &id, swapped)
        .await
        .expect(200);
    let overwritten = json!([add("c", "4"), set("b", "5")]);
    patch(&registry, Persona::MEMBER, &id, overwritten)
        .await
        .expect(200);
}

async fn tags_are_set_as_a_whole(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"tags": ["a", "b"]}))
        .await;
    for (tags, expected) in [
        (json!(["c", "b", "c"]), json!(["b", "c"])),
        (json!([]), json!([])),
        (json!(["é"]), json!(["é"])),
    ] {
        let operations = json!([set("tags", tags)]);
        let changed = patch(&registry, Persona::MEMBER, &id, operations).await;
        assert_eq!(changed.expect(200).json()["tags"], expected);
        assert_eq!(registry.shown(&id).await["tags"], expected);
    }
}

async fn patches_of_different_properties_at_a_time_are_both_kept(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for round in 0..8 {
        let property = |side: &str| json!([add(&format!("{side}{round}"), "x")]);
        let (left, right) = tokio::join!(
            patch(&registry, Persona::MEMBER, &id, property("left")),
            patch(&registry, Persona::ADMIN, &id, property("right")),
        );
        left.expect(200);
        right.expect(200);
    }
    let image = registry.shown(&id).await;
    for round in 0..8 {
        for side in ["left", "right"] {
            assert_eq!(image[format!("{side}{round}")], "x", "{side}{round}");
        }
    }
}

async fn who_may_see_an_image_but_not_change_it_is_told(engine: Engine) {
    let registry = Registry::open(engine).await;
    let open = json!({"visibility": "community", "name": "before"});
    let id = registry.image(Persona::MEMBER, open).await;
    for persona in [Persona::STRANGER, Persona::READER] {
        for operations in [json!([set("name", "after")]), json!([])] {
            let refused = patch(&registry, persona, &id, operations).await;
            assert_refused(refused, 403, "modify_image");
        }
    }
    assert_eq!(registry.shown(&id).await["name"], "before");
    let operations = json!([set("name", "after")]);
    patch(&registry, Persona::ADMIN, &id, operations)
        .await
        .expect(200);
}

async fn an_image_that_is_not_seen_is_not_found(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for id in [&id, NO_IMAGE, "zzz"] {
        let operations = json!([set("name", "mine")]);
        let refused = patch(&registry, Persona::STRANGER, id, operations).await;
        assert_refused(refused, 404, &format!("No image found with ID {id}"));
    }
}
