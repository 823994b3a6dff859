//! The definition of one property: the part of a JSON schema that the API knows.

use serde_json::{Map, Value};

use super::fields::{Fields, invalid, texts, unfit};
use crate::{api::error::ApiError, domain::metadef::Definition};

/// The types that a property, or an item of a list, may have.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// The fields of a definition, in the order in which they are shown.
const FIELDS: [&str; 18] = [
    "type",
    "title",
    "description",
    "operators",
    "default",
    "readonly",
    "minimum",
    "maximum",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "items",
    "uniqueItems",
    "minItems",
    "maxItems",
    "additionalItems",
    "required",
];

/// Reads all fields of a definition but its name, which the caller has taken.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the first field that is missing, unknown or not what it may be.
pub(super) fn read(mut fields: Fields) -> Result<Map<String, Value>, ApiError> {
    let mut definition = Map::new();
    for field in FIELDS {
        let place = fields.place(field);
        match fields.take(field) {
            Some(value) => {
                check(field, &place, &value)?;
                definition.insert(field.to_owned(), value);
            }
            None if matches!(field, "type" | "title") => {
                return Err(ApiError::Invalid(format!("'{place}' is required")));
            }
            None => {}
        }
    }
    fields.end()?;
    Ok(definition)
}

/// What is kept of the definitions at `place`.
///
/// # Errors
///
/// [`ApiError::Invalid`] if that is too long.
pub(super) fn kept(place: &str, definition: Map<String, Value>) -> Result<Definition, ApiError> {
    let json = Value::Object(definition).to_string();
    Definition::new(json).map_err(|error| invalid(place, error))
}

/// What was kept, as it is shown.
pub(super) fn shown(definition: &Definition) -> Map<String, Value> {
    // Only objects are kept, and the database gives nothing else.
    serde_json::from_str(definition.as_str()).unwrap_or_default()
}

fn check(field: &str, place: &str, value: &Value) -> Result<(), ApiError> {
    let require = |fits: bool, allowed: &str| {
        if fits {
            Ok(())
        } else {
            Err(unfit(place, value, allowed))
        }
    };
    match field {
        "type" => known_type(place, value),
        "title" | "description" | "pattern" => require(value.is_string(), "a string"),
        "operators" | "required" => texts(place, value).map(drop),
        "readonly" | "uniqueItems" | "additionalItems" => {
            require(value.is_boolean(), "true or false")
        }
        "minimum" | "maximum" => require(value.is_number(), "a number"),
        "minLength" | "maxLength" | "minItems" | "maxItems" => {
            require(value.is_u64(), "a whole number from 0")
        }
        "enum" => choices(place, value),
        "items" => items(place, value),
        _ => require(
            is_single(value)
                || value
                    .as_array()
                    .is_some_and(|all| all.iter().all(is_single)),
            "a single value or a list of single values",
        ),
    }
}

fn known_type(place: &str, value: &Value) -> Result<(), ApiError> {
    match value.as_str() {
        Some(word) if TYPES.contains(&word) => Ok(()),
        _ => Err(unfit(place, value, &format!("one of {}", TYPES.join(", ")))),
    }
}

fn choices(place: &str, value: &Value) -> Result<(), ApiError> {
    match value {
        Value::Array(all) if all.iter().all(is_single) => Ok(()),
        _ => Err(unfit(place, value, "a list of single values")),
    }
}

/// What the items of a list may be.
fn items(place: &str, value: &Value) -> Result<(), ApiError> {
    let mut fields = Fields::within(place, value.clone())?;
    let of = |field: &str| format!("{place}.{field}");
    match fields.take("type") {
        Some(kind) => known_type(&of("type"), &kind)?,
        None => return Err(ApiError::Invalid(format!("'{}' is required", of("type")))),
    }
    if let Some(allowed) = fields.take("enum") {
        choices(&of("enum"), &allowed)?;
    }
    fields.end()
}

/// Neither a list nor an object.
const fn is_single(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn define(more: Value) -> Result<Map<String, Value>, ApiError> {
        let mut body = json!({"title": "T", "type": "string"});
        let Value::Object(more) = more else {
            panic!("fields")
        };
        body.as_object_mut().expect("an object").extend(more);
        read(Fields::within("p", body)?)
    }

    #[test]
    fn a_definition_keeps_its_values_as_they_came() {
        for (field, value) in [
            ("type", json!("integer")),
            ("description", json!("")),
            ("operators", json!(["<or>", ">="])),
            ("default", json!(5)),
            ("default", json!(true)),
            ("default", json!(["a", "b"])),
            ("readonly", json!(true)),
            ("minimum", json!(-1.5)),
            ("maxLength", json!(0)),
            ("enum", json!(["a", 1, null])),
            ("pattern", json!("^[a-z]+$")),
            ("items", json!({"type": "string", "enum": ["a"]})),
            ("required", json!(["a"])),
        ] {
            let defined = define(json!({field: value})).expect("a definition");
            assert_eq!(defined[field], value, "{field}");
        }
    }

    #[test]
    fn what_a_definition_may_not_say_is_refused_with_its_place() {
        for (field, value, place) in [
            ("type", json!("text"), "p.type"),
            ("type", json!(null), "p.type"),
            ("title", json!(5), "p.title"),
            ("operators", json!("<or>"), "p.operators"),
            ("operators", json!(["a", "a"]), "p.operators"),
            ("default", json!({"a": 1}), "p.default"),
            ("default", json!([["a"]]), "p.default"),
            ("readonly", json!("true"), "p.readonly"),
            ("minimum", json!("1"), "p.minimum"),
            ("minLength", json!(-1), "p.minLength"),
            ("maxItems", json!(1.5), "p.maxItems"),
            ("enum", json!([{}]), "p.enum"),
            ("enum", json!({}), "p.enum"),
            ("items", json!([]), "p.items"),
            ("items", json!({}), "p.items.type"),
            ("items", json!({"type": "x"}), "p.items.type"),
            ("items", json!({"type": "array", "enum": 1}), "p.items.enum"),
            (
                "items",
                json!({"type": "array", "items": {}}),
                "p.items.items",
            ),
            ("bogus", json!(1), "p.bogus"),
        ] {
            match define(json!({field: value})) {
                Err(ApiError::Invalid(why)) => assert!(why.contains(place), "{why}"),
                other => panic!("{field}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_definition_needs_a_title_and_a_type() {
        for (body, place) in [
            (json!({"title": "T"}), "p.type"),
            (json!({"type": "string"}), "p.title"),
        ] {
            match read(Fields::within("p", body).expect("an object")) {
                Err(ApiError::Invalid(why)) => assert!(why.contains(place), "{why}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_definition_has_a_bounded_length() {
        let long = define(json!({"description": "x".repeat(40_000)})).expect("fields");
        assert!(matches!(kept("p", long), Err(ApiError::Invalid(_))));
    }
}
