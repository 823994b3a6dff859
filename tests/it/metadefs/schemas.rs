//! The schemas of metadata definitions.

use serde_json::json;

use crate::support::{Engine, Persona, Registry};

#[tokio::test]
async fn there_is_a_schema_of_each_thing_and_of_its_list() {
    let registry = Registry::open(Engine::Sqlite).await;
    for (one, list, name_of_one, name_of_list) in [
        ("namespace", "namespaces", "namespace", "namespaces"),
        ("object", "objects", "object", "objects"),
        ("property", "properties", "property", "properties"),
        (
            "resource_type",
            "resource_types",
            "resource_type_association",
            "resource_type_associations",
        ),
        ("tag", "tags", "tag", "tags"),
    ] {
        let schema = async |name: &str| {
            let path = format!("/v2/schemas/metadefs/{name}");
            registry
                .get(Persona::READER, &path)
                .await
                .expect(200)
                .json()
        };
        let of_one = schema(one).await;
        assert_eq!(of_one["name"], name_of_one);
        assert_eq!(of_one["additionalProperties"], false);
        assert!(of_one["required"].is_array(), "{one}");
        let of_list = schema(list).await;
        assert_eq!(of_list["name"], name_of_list);
        let items = &of_list["properties"][name_of_list];
        let key = if one == "property" {
            "additionalProperties"
        } else {
            "items"
        };
        assert_eq!(items[key]["name"], name_of_one);
        assert_eq!(items[key]["properties"], of_one["properties"]);
        assert_eq!(of_list["definitions"], of_one["definitions"]);
        assert_eq!(
            of_list["links"][1],
            json!({"rel": "next", "href": "{next}"})
        );
    }
}
