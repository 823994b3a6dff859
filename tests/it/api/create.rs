//! `POST /v2/images`: what an image may be described as, and by whom.

use axum::http::Method;
use serde_json::{Value, json};

use super::{assert_refused, image, names, two_stores};
use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

const ID: &str = "0ABCDEF0-0000-4000-8000-00000000000F";

on_every_engine![
    an_image_is_shown_as_it_was_described,
    an_image_that_nobody_described_has_defaults,
    what_may_be_null_is_null,
    an_id_is_kept_as_it_was_chosen,
    an_id_is_used_once,
    odd_descriptions_are_taken,
    what_an_attribute_may_not_be_is_refused_by_name,
    texts_have_limits_in_characters,
    characters_outside_the_basic_plane_are_refused,
    attributes_of_the_registry_are_refused,
    refusals_come_in_the_order_of_the_reference,
    only_administrators_choose_the_owner,
    only_administrators_publish,
    a_reader_creates_nothing,
    properties_and_tags_have_quotas,
    a_negative_quota_is_none,
];

async fn create(registry: &Registry, persona: Persona, body: &Value) -> Answer {
    registry.post(persona, "/v2/images", body).await
}

/// Nobody's image is there.
async fn assert_nothing_created(registry: &Registry) {
    let path = "/v2/images?visibility=all";
    let list = registry.get(Persona::ADMIN, path).await.expect(200);
    assert_eq!(names(&list.json()), [""; 0]);
}

async fn an_image_is_shown_as_it_was_described(engine: Engine) {
    let registry = Registry::open(engine).await;
    let body = json!({
        "id": ID, "name": "naïve", "disk_format": "qcow2", "container_format": "ovf",
        "visibility": "private", "protected": true, "os_hidden": true, "min_ram": 64,
        "min_disk": 2_147_483_647, "owner": "alpha", "tags": ["b", "a"],
        "os_hash_algo": "sha256", "os_distro": "cirros", "kernel_id": null,
    });
    let created = create(&registry, Persona::MEMBER, &body).await.expect(201);
    let mut shown = created.json();
    let created_at = shown["created_at"].take();
    let time = created_at.as_str().expect("a time");
    assert_eq!((time.len(), &time[19..]), (20, "Z"), "{time}");
    assert_eq!(shown["updated_at"].take(), created_at);
    let expected = json!({
        "id": ID, "name": "naïve", "disk_format": "qcow2", "container_format": "ovf",
        "visibility": "private", "protected": true, "os_hidden": true, "min_ram": 64,
        "min_disk": 2_147_483_647, "owner": "alpha", "tags": ["a", "b"],
        "os_hash_algo": "sha256", "os_distro": "cirros", "kernel_id": null,
        "status": "queued", "size": null, "virtual_size": null, "checksum": null,
        "os_hash_value": null, "created_at": null, "updated_at": null,
        "self": format!("/v2/images/{ID}"), "file": format!("/v2/images/{ID}/file"),
        "schema": "/v2/schemas/image",
    });
    assert_eq!(shown, expected);
    assert!(created.text().contains("naïve"), "UTF-8 is not escaped");
    let answer = registry.get(Persona::MEMBER, &image(ID)).await.expect(200);
    assert_eq!(answer.json(), created.json());
}

async fn an_image_that_nobody_described_has_defaults(engine: Engine) {
    let registry = Registry::open(engine).await;
    let image = create(&registry, Persona::MEMBER, &json!({})).await;
    let image = image.expect(201).json();
    for (name, value) in [
        ("name", Value::Null),
        ("disk_format", Value::Null),
        ("container_format", Value::Null),
        ("visibility", json!("shared")),
        ("protected", json!(false)),
        ("os_hidden", json!(false)),
        ("min_ram", json!(0)),
        ("min_disk", json!(0)),
        ("owner", json!("alpha")),
        ("os_hash_algo", Value::Null),
        ("tags", json!([])),
        ("status", json!("queued")),
    ] {
        assert_eq!(image[name], value, "{name}");
    }
    assert_eq!(image.get("stores"), None);
    assert_eq!(image.get("locations"), None);
    assert_eq!(image.get("direct_url"), None);
}

async fn what_may_be_null_is_null(engine: Engine) {
    let registry = Registry::open(engine).await;
    let body = json!({
        "name": null, "disk_format": null, "container_format": null, "owner": null,
        "kernel_id": null, "ramdisk_id": null, "os_hash_algo": null,
    });
    let image = create(&registry, Persona::ADMIN, &body).await.expect(201);
    for name in body.as_object().expect("an object").keys() {
        assert_eq!(image.json().get(name), Some(&Value::Null), "{name}");
    }
}

async fn an_id_is_kept_as_it_was_chosen(engine: Engine) {
    let registry = Registry::open(engine).await;
    let created = create(&registry, Persona::MEMBER, &json!({"id": ID})).await;
    assert_eq!(created.expect(201).json()["id"], ID);
    assert_eq!(registry.shown(ID).await["id"], ID);
    let path = format!("/v2/images?id={ID}");
    let list = registry.get(Persona::MEMBER, &path).await.json();
    assert_eq!(list["images"][0]["id"], ID);
}

async fn an_id_is_used_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    let body = json!({"id": ID, "visibility": "private"});
    create(&registry, Persona::MEMBER, &body).await.expect(201);
    for persona in [Persona::MEMBER, Persona::STRANGER, Persona::ADMIN] {
        let refused = create(&registry, persona, &body).await;
        assert_refused(refused, 409, &format!("Image ID {ID} already exists!"));
    }
    registry
        .delete(Persona::MEMBER, &image(ID))
        .await
        .expect(204);
    for persona in [Persona::MEMBER, Persona::STRANGER, Persona::ADMIN] {
        create(&registry, persona, &body).await.expect(409);
    }
}

async fn odd_descriptions_are_taken(engine: Engine) {
    let registry = Registry::open(engine).await;
    let long = "x".repeat(70_000);
    let body = json!({
        "min_ram": 1.0, "": "no name", "a/b": "slash", "~ ": "tilde", "member": "m",
        "extra_properties": "e", "long": long, "tags": ["a", "", "a"], "image_id": "i", "delete": "d",
        "disk_format": "ami", "container_format": "bare",
    });
    let created = create(&registry, Persona::MEMBER, &body).await.expect(201);
    let id = created.json()["id"].as_str().expect("an id").to_owned();
    let shown = registry.shown(&id).await;
    for (name, value) in body.as_object().expect("an object") {
        match name.as_str() {
            "tags" => assert_eq!(shown[name], json!(["", "a"])),
            "min_ram" => assert_eq!(shown[name].as_f64(), value.as_f64()),
            _ => assert_eq!(&shown[name], value, "{name}"),
        }
    }
}

async fn what_an_attribute_may_not_be_is_refused_by_name(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (name, value) in [
        ("id", json!("zzz")),
        ("id", json!(ID.replace('-', ""))),
        ("id", json!("")),
        ("id", json!(5)),
        ("id", json!(null)),
        ("name", json!(5)),
        ("name", json!(["a"])),
        ("disk_format", json!("RAW")),
        ("disk_format", json!("gpt")),
        ("disk_format", json!("")),
        ("container_format", json!("box")),
        ("visibility", json!("secret")),
        ("visibility", json!(null)),
        ("min_ram", json!(-1)),
        ("min_ram", json!(2_147_483_648_u32)),
        ("min_ram", json!("1")),
        ("min_ram", json!(null)),
        ("min_disk", json!(-1)),
        ("min_disk", json!(2_147_483_648_u32)),
        ("min_disk", json!(1.5)),
        ("protected", json!("true")),
        ("protected", json!(null)),
        ("os_hidden", json!(1)),
        ("tags", json!("a")),
        ("tags", json!([1])),
        ("tags", json!(null)),
        ("owner", json!(5)),
        ("custom", json!(null)),
        ("custom", json!(5)),
        ("custom", json!({"a": "b"})),
        ("custom", json!(true)),
        ("kernel_id", json!("zzz")),
        ("ramdisk_id", json!(5)),
        ("cinder_encryption_key_deletion_policy", json!("maybe")),
        ("os_hash_algo", json!(5)),
    ] {
        let refused = create(&registry, Persona::MEMBER, &json!({name: value})).await;
        assert_refused(refused, 400, &format!("'{name}'"));
    }
    assert_nothing_created(&registry).await;
}

async fn texts_have_limits_in_characters(engine: Engine) {
    let registry = Registry::open(engine).await;
    let (longest, longer) = ("é".repeat(255), "é".repeat(256));
    for fits in [
        json!({"name": longest}),
        json!({"tags": [longest]}),
        json!({longest.as_str(): "a property"}),
        json!({"owner": longest}),
    ] {
        create(&registry, Persona::ADMIN, &fits).await.expect(201);
    }
    for too_long in [
        json!({"name": longer}),
        json!({"tags": [longer]}),
        json!({longer.as_str(): "a property"}),
        json!({"owner": longer}),
    ] {
        let refused = create(&registry, Persona::ADMIN, &too_long).await;
        assert_refused(refused, 400, "255 characters at most");
    }
}

async fn characters_outside_the_basic_plane_are_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    for character in ["\u{1F600}", "\u{10000}", "\0"] {
        for body in [
            json!({"name": character}),
            json!({"tags": [character]}),
            json!({"custom": character}),
            json!({character: "custom"}),
        ] {
            create(&registry, Persona::MEMBER, &body).await.expect(400);
        }
    }
    assert_nothing_created(&registry).await;
    let body = json!({"name": "\u{FFFD}", "tags": ["\u{E000}"]});
    create(&registry, Persona::MEMBER, &body).await.expect(201);
}

async fn attributes_of_the_registry_are_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    for name in [
        "self",
        "file",
        "schema",
        "direct_url",
        "stores",
        "status",
        "checksum",
        "size",
        "virtual_size",
        "created_at",
        "updated_at",
        "locations",
        "location",
        "deleted",
        "deleted_at",
        "os_glance",
        "os_glance_stage_host",
        "os_glancex",
    ] {
        for persona in [Persona::MEMBER, Persona::ADMIN] {
            let refused = create(&registry, persona, &json!({name: "x"})).await;
            assert_refused(refused, 403, &format!("'{name}'"));
        }
    }
    assert_nothing_created(&registry).await;
}

async fn refusals_come_in_the_order_of_the_reference(engine: Engine) {
    let registry = Registry::with(engine, "[DEFAULT]\nimage_tag_quota = 0").await;
    let mut body = json!({
        "self": "x", "min_ram": -1, "status": "active", "visibility": "public", "tags": ["a"],
    });
    for (status, cause) in [
        (403, "self"),
        (400, "min_ram"),
        (403, "status"),
        (403, "visibility"),
        (413, "tags"),
    ] {
        create(&registry, Persona::MEMBER, &body)
            .await
            .expect(status);
        body.as_object_mut().expect("an object").remove(cause);
    }
    create(&registry, Persona::MEMBER, &body).await.expect(201);
}

async fn only_administrators_choose_the_owner(engine: Engine) {
    let registry = Registry::open(engine).await;
    for owner in [json!("beta"), json!(null), json!("")] {
        let body = json!({"owner": owner});
        create(&registry, Persona::MEMBER, &body).await.expect(403);
        let created = create(&registry, Persona::ADMIN, &body).await;
        assert_eq!(created.expect(201).json()["owner"], owner);
    }
    let body = json!({"owner": Persona::MEMBER.project});
    create(&registry, Persona::MEMBER, &body).await.expect(201);
}

async fn only_administrators_publish(engine: Engine) {
    let registry = Registry::open(engine).await;
    let public = json!({"visibility": "public"});
    let refused = create(&registry, Persona::MEMBER, &public).await;
    assert_refused(refused, 403, "publicize_image");
    let created = create(&registry, Persona::ADMIN, &public).await;
    assert_eq!(created.expect(201).json()["visibility"], "public");
    for visibility in ["private", "shared", "community"] {
        let body = json!({"visibility": visibility});
        let created = create(&registry, Persona::MEMBER, &body).await;
        assert_eq!(created.expect(201).json()["visibility"], visibility);
    }
}

async fn a_reader_creates_nothing(engine: Engine) {
    let registry = Registry::open(engine).await;
    let refused = create(&registry, Persona::READER, &json!({})).await;
    assert_refused(refused, 403, "add_image");
    let call = registry.call(Method::POST, "/v2/images");
    call.json(&json!({})).send().await.expect(401);
    assert_nothing_created(&registry).await;
}

async fn properties_and_tags_have_quotas(engine: Engine) {
    let settings = "[DEFAULT]\nimage_property_quota = 2\nimage_tag_quota = 3";
    let registry = Registry::with(engine, settings).await;
    let body = json!({
        "a": "1", "b": "2", "os_hash_algo": "sha256", "tags": ["a", "b", "c", "a"],
    });
    create(&registry, Persona::MEMBER, &body).await.expect(201);
    let body = json!({"a": "1", "b": "2", "c": "3"});
    let refused = create(&registry, Persona::MEMBER, &body).await;
    assert_refused(refused, 413, "image_property_quota");
    let body = json!({"tags": ["a", "b", "c", "d"]});
    let refused = create(&registry, Persona::MEMBER, &body).await;
    assert_refused(refused, 413, "image_tag_quota");
}

async fn a_negative_quota_is_none(engine: Engine) {
    let settings = "[DEFAULT]\nimage_property_quota = -1\nimage_tag_quota = -1";
    let registry = Registry::with(engine, settings).await;
    let mut body = json!({"tags": (0..200).map(|n| n.to_string()).collect::<Vec<_>>()});
    for n in 0..200 {
        body[format!("property {n}")] = json!("x");
    }
    let created = create(&registry, Persona::MEMBER, &body).await.expect(201);
    assert_eq!(created.json()["tags"].as_array().map(Vec::len), Some(200));
    assert_eq!(created.json()["property 199"], "x");
}

#[tokio::test]
async fn the_answer_says_where_the_image_is_and_how_data_can_come() {
    let registry = Registry::open(Engine::Sqlite).await;
    let call = registry
        .call(Method::POST, "/v2/images")
        .by(Persona::MEMBER);
    let call = call.header("host", "here").json(&json!({"id": ID}));
    let answer = call.send().await.expect(201);
    assert_eq!(
        answer.header("location"),
        format!("http://here/v2/images/{ID}")
    );
    let methods = answer.header("openstack-image-import-methods");
    assert_eq!(methods, "glance-direct,web-download,copy-image");
    assert_eq!(answer.headers.get("openstack-image-store-ids"), None);
}

#[tokio::test]
async fn the_answer_names_the_stores_if_there_are_several() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::with(Engine::Sqlite, &two_stores(folder.path())).await;
    let answer = create(&registry, Persona::MEMBER, &json!({})).await;
    let answer = answer.expect(201);
    assert_eq!(answer.header("openstack-image-store-ids"), "fast,slow");
}

#[tokio::test]
async fn the_answer_names_no_import_methods_if_none_is_open() {
    let settings = "[DEFAULT]\nenabled_import_methods = []";
    let registry = Registry::with(Engine::Sqlite, settings).await;
    let answer = create(&registry, Persona::MEMBER, &json!({})).await;
    let headers = answer.expect(201).headers;
    assert_eq!(headers.get("openstack-image-import-methods"), None);
}
