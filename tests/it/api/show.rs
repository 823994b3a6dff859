//! `GET /v2/images/{image_id}`: who sees which image, and how.

use serde_json::json;

use super::{NO_IMAGE, THIRD, assert_refused, image, two_stores};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    visibility_says_who_sees_an_image,
    a_member_of_any_status_sees_the_image_and_its_data,
    a_private_image_without_an_owner_is_for_administrators,
    what_does_not_exist_and_what_is_not_seen_look_alike,
    every_attribute_is_there_and_nothing_of_ours,
    the_stores_of_data_are_shown_if_there_are_several,
    who_acts_for_no_project_sees_nothing,
];

async fn visibility_says_who_sees_an_image(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (visibility, stranger) in [
        ("private", 404),
        ("shared", 404),
        ("community", 200),
        ("public", 200),
    ] {
        let attributes = json!({"visibility": visibility, "owner": "alpha"});
        let id = registry.image(Persona::ADMIN, attributes).await;
        for (persona, status) in [
            (Persona::MEMBER, 200),
            (Persona::READER, 200),
            (Persona::ADMIN, 200),
            (Persona::STRANGER, stranger),
        ] {
            registry.get(persona, &image(&id)).await.expect(status);
        }
    }
}

async fn a_member_of_any_status_sees_the_image_and_its_data(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), "data")
        .await;
    let members = format!("{}/members", image(&id));
    let body = json!({"member": "beta"});
    registry
        .post(Persona::MEMBER, &members, &body)
        .await
        .expect(200);
    for status in ["pending", "accepted", "rejected"] {
        let path = format!("{members}/beta");
        let body = json!({"status": status});
        registry
            .put(Persona::STRANGER, &path, &body)
            .await
            .expect(200);
        registry
            .get(Persona::STRANGER, &image(&id))
            .await
            .expect(200);
        let file = format!("{}/file", image(&id));
        let data = registry.get(Persona::STRANGER, &file).await.expect(200);
        assert_eq!(data.text(), "data");
        registry.get(THIRD, &image(&id)).await.expect(404);
        registry.get(THIRD, &file).await.expect(404);
    }
}

async fn a_private_image_without_an_owner_is_for_administrators(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (visibility, status) in [
        ("private", 404),
        ("shared", 200),
        ("community", 200),
        ("public", 200),
    ] {
        let attributes = json!({"owner": null, "visibility": visibility});
        let id = registry.image(Persona::ADMIN, attributes).await;
        registry
            .get(Persona::MEMBER, &image(&id))
            .await
            .expect(status);
        registry.get(Persona::ADMIN, &image(&id)).await.expect(200);
    }
}

async fn what_does_not_exist_and_what_is_not_seen_look_alike(engine: Engine) {
    let registry = Registry::open(engine).await;
    let hidden = registry
        .image(Persona::MEMBER, json!({"visibility": "private"}))
        .await;
    let deleted = registry.image(Persona::STRANGER, json!({})).await;
    registry
        .delete(Persona::STRANGER, &image(&deleted))
        .await
        .expect(204);
    let long = "a".repeat(300);
    for id in [&hidden, &deleted, NO_IMAGE, "zzz", &long] {
        let answer = registry.get(Persona::STRANGER, &image(id)).await;
        assert_refused(answer, 404, &format!("No image found with ID {id}"));
    }
}

async fn every_attribute_is_there_and_nothing_of_ours(engine: Engine) {
    let registry = Registry::open(engine).await;
    let custom = json!({"zz": "last", "architecture": "x86_64"});
    let id = registry.active_image(Persona::MEMBER, custom, "data").await;
    let image = registry.get(Persona::MEMBER, &image(&id)).await.json();
    let mut names: Vec<_> = image.as_object().expect("an object").keys().collect();
    names.sort_unstable();
    let expected = [
        "architecture",
        "checksum",
        "container_format",
        "created_at",
        "disk_format",
        "file",
        "id",
        "min_disk",
        "min_ram",
        "name",
        "os_hash_algo",
        "os_hash_value",
        "os_hidden",
        "owner",
        "protected",
        "schema",
        "self",
        "size",
        "status",
        "tags",
        "updated_at",
        "virtual_size",
        "visibility",
        "zz",
    ];
    assert_eq!(names, expected);
}

async fn the_stores_of_data_are_shown_if_there_are_several(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::with(engine, &two_stores(folder.path())).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    assert_eq!(registry.shown(&id).await.get("stores"), None);
    registry
        .upload(Persona::MEMBER, &id, "data")
        .await
        .expect(204);
    assert_eq!(registry.shown(&id).await["stores"], "fast");
}

async fn who_acts_for_no_project_sees_nothing(engine: Engine) {
    let registry = Registry::open(engine).await;
    let public = json!({"visibility": "public"});
    let id = registry.image(Persona::ADMIN, public).await;
    for scope in [
        ("x-domain-id", "default"),
        ("openstack-system-scope", "all"),
    ] {
        let asked = async |path: &str| {
            let call = registry.call(axum::http::Method::GET, path);
            let call = call
                .header("x-identity-status", "Confirmed")
                .header("x-user-id", "root")
                .header("x-roles", "admin,member,reader")
                .header(scope.0, scope.1);
            call.send().await
        };
        asked(&image(&id)).await.expect(404);
        asked("/v2/images").await.expect(403);
    }
}
