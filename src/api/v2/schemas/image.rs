//! The schemas of an image and of a list of images.

use serde_json::{Map, Value, json};

use crate::service::Discovery;

const UUID: &str =
    "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$";

/// The schema of an image.
pub(super) fn one(discovery: &Discovery) -> Value {
    image(discovery.disk_formats(), discovery.container_formats())
}

/// The schema of a list of images.
pub(super) fn list(discovery: &Discovery) -> Value {
    json!({
        "name": "images",
        "properties": {
            "images": {"type": "array", "items": one(discovery)},
            "first": {"type": "string"},
            "next": {"type": "string"},
            "schema": {"type": "string"},
        },
        "links": [
            {"rel": "first", "href": "{first}"},
            {"rel": "next", "href": "{next}"},
            {"rel": "describedby", "href": "{schema}"},
        ],
    })
}

fn image(disk_formats: &[String], container_formats: &[String]) -> Value {
    let mut properties = Map::new();
    for part in [
        described(disk_formats, container_formats),
        measured(),
        links(),
        custom(),
    ] {
        if let Value::Object(part) = part {
            properties.extend(part);
        }
    }
    json!({
        "name": "image",
        "properties": properties,
        "additionalProperties": {"type": "string"},
        "links": [
            {"rel": "self", "href": "{self}"},
            {"rel": "enclosure", "href": "{file}"},
            {"rel": "describedby", "href": "{schema}"},
        ],
    })
}

/// What the owner says of an image.
fn described(disk_formats: &[String], container_formats: &[String]) -> Value {
    json!({
        "id": {"type": "string", "pattern": UUID, "description": "The id of the image"},
        "name": {
            "type": ["null", "string"], "maxLength": 255,
            "description": "A name for people, not necessarily unique",
        },
        "disk_format": {
            "type": ["null", "string"], "enum": with_null(disk_formats),
            "description": "The format of the data",
        },
        "container_format": {
            "type": ["null", "string"], "enum": with_null(container_formats),
            "description": "What wraps the data",
        },
        "visibility": {
            "type": "string", "enum": ["community", "public", "private", "shared"],
            "description": "Who may see the image besides its owner",
        },
        "owner": {
            "type": ["null", "string"], "maxLength": 255,
            "description": "The project that owns the image",
        },
        "protected": {
            "type": "boolean", "description": "Whether the image cannot be deleted",
        },
        "os_hidden": {
            "type": "boolean", "description": "Whether lists leave the image out",
        },
        "min_ram": {
            "type": "integer", "description": "The least memory that can run the image, in MiB",
        },
        "min_disk": {
            "type": "integer",
            "description": "The smallest disk that can hold the image, in GiB",
        },
        "tags": {
            "type": "array", "items": {"type": "string", "maxLength": 255},
            "description": "Labels",
        },
        "locations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["url", "metadata"],
                "properties": {
                    "url": {"type": "string", "maxLength": 255},
                    "metadata": {"type": "object"},
                },
            },
            "description": "Where the data is kept",
        },
        // Not read-only: it can be chosen when an image is created.
        "os_hash_algo": {
            "type": ["null", "string"], "maxLength": 64,
            "description": "The algorithm of os_hash_value; it can be chosen at creation",
        },
    })
}

/// What the registry finds out about an image.
fn measured() -> Value {
    json!({
        "status": {
            "type": "string", "readOnly": true,
            "enum": [
                "queued", "saving", "active", "killed", "deleted", "uploading", "importing",
                "pending_delete", "deactivated",
            ],
            "description": "Where the image stands in its life",
        },
        "size": {
            "type": ["null", "integer"], "readOnly": true,
            "description": "The size of the data in bytes",
        },
        "virtual_size": {
            "type": ["null", "integer"], "readOnly": true,
            "description": "The size of the disk that the data describes, in bytes",
        },
        "checksum": {
            "type": ["null", "string"], "readOnly": true, "maxLength": 32,
            "description": "The MD5 digest of the data",
        },
        "os_hash_value": {
            "type": ["null", "string"], "readOnly": true, "maxLength": 128,
            "description": "The digest of the data under os_hash_algo",
        },
        "created_at": {
            "type": "string", "readOnly": true, "description": "When the image was created",
        },
        "updated_at": {
            "type": "string", "readOnly": true, "description": "When the image last changed",
        },
    })
}

/// Where things are.
fn links() -> Value {
    json!({
        "direct_url": {
            "type": "string", "readOnly": true, "description": "Where a store keeps the data",
        },
        "self": {"type": "string", "readOnly": true, "description": "The path of the image"},
        "file": {"type": "string", "readOnly": true, "description": "The path of the data"},
        "schema": {"type": "string", "readOnly": true, "description": "The path of this schema"},
        "stores": {
            "type": "string", "readOnly": true,
            "description": "The stores that hold the data, separated by commas",
        },
    })
}

/// Custom properties with a meaning of their own.
fn custom() -> Value {
    let text =
        |description: &str| json!({"type": "string", "is_base": false, "description": description});
    let image = |description: &str| {
        json!({
            "type": ["null", "string"], "pattern": UUID, "is_base": false,
            "description": description,
        })
    };
    json!({
        "kernel_id": image("The image of the kernel to boot with"),
        "ramdisk_id": image("The image of the RAM disk to boot with"),
        "instance_uuid": text("The server that the image was made from"),
        "architecture": text("The processor architecture the image runs on"),
        "os_distro": text("The distribution of the operating system"),
        "os_version": text("The version of the operating system"),
        "description": text("What the image is, for people"),
        "cinder_encryption_key_id": text("The key that the data is encrypted with"),
        "cinder_encryption_key_deletion_policy": {
            "type": "string", "enum": ["on_image_deletion", "do_not_delete"], "is_base": false,
            "description": "What becomes of the key when the image is deleted",
        },
    })
}

fn with_null(formats: &[String]) -> Value {
    let null = [Value::Null].into_iter();
    Value::Array(
        null.chain(formats.iter().cloned().map(Value::from))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        image(&["raw".to_owned()], &["bare".to_owned()])
    }

    #[test]
    fn formats_are_those_of_the_registry_or_null() {
        let properties = &schema()["properties"];
        assert_eq!(properties["disk_format"]["enum"], json!([null, "raw"]));
        assert_eq!(
            properties["container_format"]["enum"],
            json!([null, "bare"])
        );
    }

    #[test]
    fn only_what_the_registry_sets_is_read_only() {
        let schema = schema();
        let properties = schema["properties"].as_object().expect("an object");
        let mut read_only: Vec<_> = properties
            .iter()
            .filter(|(_, property)| property["readOnly"] == true)
            .map(|(name, _)| name.as_str())
            .collect();
        read_only.sort_unstable();
        assert_eq!(
            read_only,
            [
                "checksum",
                "created_at",
                "direct_url",
                "file",
                "os_hash_value",
                "schema",
                "self",
                "size",
                "status",
                "stores",
                "updated_at",
                "virtual_size",
            ]
        );
    }

    #[test]
    fn only_custom_properties_are_marked_as_such() {
        let schema = schema();
        let properties = schema["properties"].as_object().expect("an object");
        for (name, property) in properties {
            let custom = property["is_base"] == false;
            assert_eq!(custom, !crate::api::v2::images::is_base(name), "{name}");
        }
    }
}
