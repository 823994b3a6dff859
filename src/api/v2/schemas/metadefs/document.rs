//! What the schemas of metadata definitions say.

use serde_json::{Map, Value, json};

/// The schema of a namespace.
pub(super) fn namespace() -> Value {
    let mut properties = dated();
    properties.extend(links());
    extend(&mut properties, namespace_itself());
    extend(&mut properties, namespace_contents());
    json!({
        "name": "namespace",
        "properties": properties,
        "additionalProperties": false,
        "definitions": definitions(),
        "required": ["namespace"],
    })
}

/// The schema of a list of namespaces.
pub(super) fn namespaces() -> Value {
    list("namespaces", namespace())
}

/// The schema of an object.
pub(super) fn object() -> Value {
    let mut properties = dated();
    properties.extend(links());
    extend(
        &mut properties,
        json!({
            "name": {"type": "string", "maxLength": 80},
            "description": {"type": "string"},
            "required": {"$ref": "#/definitions/stringArray"},
            "properties": {"$ref": "#/definitions/property"},
        }),
    );
    json!({
        "name": "object",
        "properties": properties,
        "additionalProperties": false,
        "definitions": definitions(),
        "required": ["name"],
    })
}

/// The schema of a list of objects.
pub(super) fn objects() -> Value {
    list("objects", object())
}

/// The schema of the definition of a property.
pub(super) fn property() -> Value {
    json!({
        "name": "property",
        "properties": property_fields(),
        "additionalProperties": false,
        "definitions": numbers_and_texts(),
        "required": ["type", "title", "name"],
    })
}

/// The schema of a list of definitions of properties, which stand under their names.
pub(super) fn properties() -> Value {
    json!({
        "name": "properties",
        "definitions": numbers_and_texts(),
        "properties": {
            "properties": {
                "type": "object",
                "additionalProperties": {
                    "name": "property",
                    "properties": property_fields(),
                    "additionalProperties": false,
                    "required": ["type", "title"],
                },
            },
            "first": {"type": "string"},
            "next": {"type": "string"},
            "schema": {"type": "string"},
        },
        "links": page_links(),
    })
}

/// The schema of the association with a type of resources.
pub(super) fn resource_type() -> Value {
    let mut properties = dated();
    extend(
        &mut properties,
        json!({
            "name": {
                "type": "string", "maxLength": 80,
                "description": "The type of resources, by the name that Heat gives it",
            },
            "prefix": {
                "type": "string", "maxLength": 80,
                "description": "What stands before the name of a property on such a resource, \
                                separator included",
            },
            "properties_target": {
                "type": "string", "maxLength": 80,
                "description": "Which of several sets of properties of such a resource is meant",
            },
        }),
    );
    json!({
        "name": "resource_type_association",
        "properties": properties,
        "additionalProperties": false,
        "required": ["name"],
    })
}

/// The schema of a list of associations with types of resources.
pub(super) fn resource_types() -> Value {
    list("resource_type_associations", resource_type())
}

/// The schema of a tag.
pub(super) fn tag() -> Value {
    let mut properties = dated();
    extend(
        &mut properties,
        json!({"name": {"type": "string", "maxLength": 80}}),
    );
    json!({
        "name": "tag",
        "properties": properties,
        "additionalProperties": false,
        "required": ["name"],
    })
}

/// The schema of a list of tags.
pub(super) fn tags() -> Value {
    list("tags", tag())
}

/// The schema of a list. What the items refer to is defined by the list.
fn list(name: &str, mut item: Value) -> Value {
    let definitions = item
        .as_object_mut()
        .and_then(|item| item.shift_remove("definitions"));
    let mut list = json!({
        "name": name,
        "properties": {
            name: {"type": "array", "items": item},
            "first": {"type": "string"},
            "next": {"type": "string"},
            "schema": {"type": "string"},
        },
        "links": page_links(),
    });
    if let Some(definitions) = definitions {
        list["definitions"] = definitions;
    }
    list
}

fn page_links() -> Value {
    json!([
        {"rel": "first", "href": "{first}"},
        {"rel": "next", "href": "{next}"},
        {"rel": "describedby", "href": "{schema}"},
    ])
}

fn extend(properties: &mut Map<String, Value>, more: Value) {
    if let Value::Object(more) = more {
        properties.extend(more);
    }
}

/// What says when something came to be.
fn dated() -> Map<String, Value> {
    let time = |description: &str| {
        json!({
            "type": "string", "format": "date-time", "readOnly": true,
            "description": description,
        })
    };
    [
        ("created_at".to_owned(), time("When it was created")),
        ("updated_at".to_owned(), time("When it last changed")),
    ]
    .into_iter()
    .collect()
}

/// Where things are.
fn links() -> Map<String, Value> {
    let path = || json!({"type": "string", "readOnly": true});
    [("self".to_owned(), path()), ("schema".to_owned(), path())]
        .into_iter()
        .collect()
}

fn namespace_itself() -> Value {
    json!({
        "namespace": {
            "type": "string", "maxLength": 80,
            "description": "The name, which no other namespace has",
        },
        "display_name": {
            "type": "string", "maxLength": 80,
            "description": "A name for people",
        },
        "description": {
            "type": "string", "maxLength": 500,
            "description": "What the namespace is about",
        },
        "visibility": {
            "type": "string", "enum": ["public", "private"],
            "description": "Who may see the namespace besides its owner",
        },
        "protected": {
            "type": "boolean",
            "description": "Whether neither the namespace nor anything in it can be deleted",
        },
        "owner": {
            "type": "string", "maxLength": 255,
            "description": "The project that owns the namespace",
        },
    })
}

fn namespace_contents() -> Value {
    json!({
        "resource_type_associations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "prefix": {"type": "string"},
                    "properties_target": {"type": "string"},
                },
            },
        },
        "properties": {"$ref": "#/definitions/property"},
        "objects": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "description": {"type": "string"},
                    "required": {"$ref": "#/definitions/stringArray"},
                    "properties": {"$ref": "#/definitions/property"},
                },
            },
        },
        "tags": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
    })
}

/// What the schemas of namespaces and objects refer to.
fn definitions() -> Value {
    let mut definitions = numbers_and_texts();
    definitions["stringArray"] = json!({
        "type": "array", "items": {"type": "string"}, "uniqueItems": true,
    });
    definitions["property"] = json!({
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "required": ["title", "type"],
            "properties": property_fields(),
        },
    });
    definitions
}

fn numbers_and_texts() -> Value {
    json!({
        "positiveInteger": {"type": "integer", "minimum": 0},
        "positiveIntegerDefault0": {
            "allOf": [{"$ref": "#/definitions/positiveInteger"}, {"default": 0}],
        },
        "stringArray": {
            "type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": true,
        },
    })
}

fn property_fields() -> Value {
    let kind = || {
        json!({
            "type": "string",
            "enum": ["array", "boolean", "integer", "number", "object", "string", null],
        })
    };
    let number = || json!({"$ref": "#/definitions/positiveInteger"});
    let number_or_0 = || json!({"$ref": "#/definitions/positiveIntegerDefault0"});
    json!({
        "name": {"type": "string", "maxLength": 80},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "operators": {"type": "array", "items": {"type": "string"}},
        "type": kind(),
        "required": {"$ref": "#/definitions/stringArray"},
        "minimum": {"type": "number"},
        "maximum": {"type": "number"},
        "maxLength": number(),
        "minLength": number_or_0(),
        "pattern": {"type": "string", "format": "regex"},
        "enum": {"type": "array"},
        "readonly": {"type": "boolean"},
        "default": {},
        "items": {
            "type": "object",
            "properties": {"type": kind(), "enum": {"type": "array"}},
        },
        "maxItems": number(),
        "minItems": number_or_0(),
        "uniqueItems": {"type": "boolean", "default": false},
        "additionalItems": {"type": "boolean"},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that some schema refers to by `$ref`.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(to)) = fields.get("$ref") {
                    found.push(to.clone());
                }
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_in_its_document() {
        for document in [
            namespace(),
            namespaces(),
            object(),
            objects(),
            property(),
            properties(),
        ] {
            let mut found = Vec::new();
            references(&document, &mut found);
            assert!(!found.is_empty(), "{document}");
            for reference in found {
                let pointer = reference.trim_start_matches('#');
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
        }
    }
}
