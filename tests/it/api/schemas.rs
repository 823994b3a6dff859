//! Schemas, from which clients learn what an image may be.

use serde_json::{Value, json};

use crate::support::{Answer, Engine, Persona, Registry};

async fn schema(registry: &Registry, name: &str) -> Value {
    let path = format!("/v2/schemas/{name}");
    let answer: Answer = registry.get(Persona::READER, &path).await;
    answer.expect(200).json()
}

async fn image_properties() -> Value {
    let registry = Registry::open(Engine::Sqlite).await;
    schema(&registry, "image").await["properties"].take()
}

#[tokio::test]
async fn there_is_a_schema_of_each_thing_and_of_its_list() {
    let registry = Registry::open(Engine::Sqlite).await;
    for (one, list) in [
        ("image", "images"),
        ("member", "members"),
        ("task", "tasks"),
    ] {
        let schema_of_one = schema(&registry, one).await;
        assert_eq!(schema_of_one["name"], one);
        let schema_of_list = schema(&registry, list).await;
        assert_eq!(schema_of_list["name"], list);
        let items = &schema_of_list["properties"][list];
        assert_eq!(items["type"], "array");
        assert_eq!(items["items"]["name"], one);
        assert_eq!(schema_of_list["properties"]["schema"]["type"], "string");
    }
}

#[tokio::test]
async fn the_schema_of_an_image_describes_every_attribute_that_is_shown() {
    let registry = Registry::open(Engine::Sqlite).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let properties = schema(&registry, "image").await["properties"].take();
    for name in registry
        .shown(&id)
        .await
        .as_object()
        .expect("an object")
        .keys()
    {
        assert!(properties.get(name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn an_image_may_have_any_text_as_a_custom_property() {
    let registry = Registry::open(Engine::Sqlite).await;
    let schema = schema(&registry, "image").await;
    assert_eq!(schema["additionalProperties"], json!({"type": "string"}));
    assert_eq!(schema.get("required"), None);
    let links = [
        json!({"rel": "self", "href": "{self}"}),
        json!({"rel": "enclosure", "href": "{file}"}),
        json!({"rel": "describedby", "href": "{schema}"}),
    ];
    assert_eq!(schema["links"], json!(links));
}

#[tokio::test]
async fn the_algorithm_is_a_text_of_64_characters_or_null() {
    let algorithm = &image_properties().await["os_hash_algo"];
    assert_eq!(algorithm["type"], json!(["null", "string"]));
    assert_eq!(algorithm["maxLength"], 64);
    assert!(algorithm["description"].is_string());
}

#[tokio::test]
async fn the_algorithm_can_be_written() {
    assert_eq!(
        image_properties().await["os_hash_algo"].get("readOnly"),
        None
    );
}

#[tokio::test]
async fn the_algorithm_is_not_limited_to_names_of_today() {
    assert_eq!(image_properties().await["os_hash_algo"].get("enum"), None);
}

#[tokio::test]
async fn the_algorithm_is_no_custom_property() {
    assert_eq!(
        image_properties().await["os_hash_algo"].get("is_base"),
        None
    );
}

#[tokio::test]
async fn what_the_registry_sets_is_read_only() {
    let properties = image_properties().await;
    for name in [
        "status",
        "checksum",
        "os_hash_value",
        "size",
        "virtual_size",
        "created_at",
        "updated_at",
        "direct_url",
        "self",
        "file",
        "stores",
        "schema",
    ] {
        assert_eq!(properties[name]["readOnly"], true, "{name}");
    }
}

#[tokio::test]
async fn known_custom_properties_are_marked_as_such() {
    let properties = image_properties().await;
    for name in [
        "kernel_id",
        "ramdisk_id",
        "instance_uuid",
        "architecture",
        "os_distro",
        "os_version",
        "description",
        "cinder_encryption_key_id",
        "cinder_encryption_key_deletion_policy",
    ] {
        assert_eq!(properties[name]["is_base"], false, "{name}");
    }
    assert_eq!(properties["kernel_id"]["type"], json!(["null", "string"]));
}

#[tokio::test]
async fn formats_are_null_and_those_the_operator_allows() {
    let settings = "[image_format]\ndisk_formats = [\"raw\", \"gpt\"]";
    let registry = Registry::with(Engine::Sqlite, settings).await;
    let properties = schema(&registry, "image").await["properties"].take();
    assert_eq!(
        properties["disk_format"]["enum"],
        json!([null, "raw", "gpt"])
    );
    let formats = [
        Value::Null,
        json!("ami"),
        json!("ari"),
        json!("aki"),
        json!("bare"),
        json!("ovf"),
        json!("ova"),
        json!("docker"),
        json!("compressed"),
    ];
    assert_eq!(properties["container_format"]["enum"], json!(formats));
    registry
        .image(Persona::MEMBER, json!({"disk_format": "gpt"}))
        .await;
}
