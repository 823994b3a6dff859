//! Attributes of an image, read from JSON.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    api::{error::ApiError, text, v2::images::formats::Formats},
    domain::{Attribute, ExpectedDigests, ImageId, property_names},
};

/// The most of `min_disk` and `min_ram`.
const MAX_MINIMUM: u32 = 2_147_483_647;

/// What may become of the data of an encrypted image's key when the image is deleted.
const KEY_POLICIES: [&str; 2] = ["on_image_deletion", "do_not_delete"];

/// Reads the attribute or custom property `name`.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the name and what is allowed.
pub(super) fn parse(
    name: String,
    value: Value,
    formats: Formats<'_>,
) -> Result<Attribute, ApiError> {
    Ok(match name.as_str() {
        "name" => Attribute::Name(nullable(&name, value, |value| name_text("name", value))?),
        "owner" => Attribute::Owner(nullable(&name, value, |value| name_text("owner", value))?),
        "disk_format" => Attribute::DiskFormat(nullable(&name, value, |value| {
            one_of("disk_format", value, formats.disk)
        })?),
        "container_format" => Attribute::ContainerFormat(nullable(&name, value, |value| {
            one_of("container_format", value, formats.container)
        })?),
        "visibility" => Attribute::Visibility(
            string(&name, value)?
                .parse()
                .map_err(|error| invalid(&name, error))?,
        ),
        "min_disk" => Attribute::MinDisk(minimum(&name, &value)?),
        "min_ram" => Attribute::MinRam(minimum(&name, &value)?),
        "protected" => Attribute::Protected(boolean(&name, &value)?),
        "os_hidden" => Attribute::Hidden(boolean(&name, &value)?),
        "tags" => Attribute::Tags(tags(value)?),
        _ => property(name, value)?,
    })
}

/// Reads the id that a caller wants for its image.
pub(super) fn image_id(value: Value) -> Result<ImageId, ApiError> {
    string("id", value)?
        .parse()
        .map_err(|error| invalid("id", format!("{error}; allowed: a UUID with its hyphens")))
}

/// Reads a text, whatever its characters.
pub(super) fn string(field: &str, value: Value) -> Result<String, ApiError> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong_type(field, &other, "a string")),
    }
}

/// Reads null as none.
pub(super) fn nullable<T>(
    field: &str,
    value: Value,
    read: impl FnOnce(Value) -> Result<T, ApiError>,
) -> Result<Option<T>, ApiError> {
    match value {
        Value::Null => Ok(None),
        value @ Value::String(_) => read(value).map(Some),
        other => Err(wrong_type(field, &other, "a string or null")),
    }
}

fn property(name: String, value: Value) -> Result<Attribute, ApiError> {
    text::check("the name of a property", &name, text::NAME)?;
    let value = match name.as_str() {
        "kernel_id" | "ramdisk_id" => nullable(&name, value, |value| {
            let id = string(&name, value)?;
            match id.parse::<ImageId>() {
                Ok(_) => Ok(id),
                Err(error) => Err(invalid(&name, format!("{error}; allowed: a UUID or null"))),
            }
        })?,
        "cinder_encryption_key_deletion_policy" => {
            Some(one_of(&name, value, &KEY_POLICIES.map(str::to_owned))?)
        }
        property_names::EXPECTED_CHECKSUM => {
            let expected: ExpectedDigests = string(&name, value)?
                .parse()
                .map_err(|error| invalid(&name, error))?;
            Some(expected.to_string())
        }
        _ => {
            let value = string(&name, value)?;
            text::check_characters(&name, &value)?;
            Some(value)
        }
    };
    Ok(Attribute::Property { name, value })
}

fn name_text(field: &str, value: Value) -> Result<String, ApiError> {
    let text = string(field, value)?;
    text::check(field, &text, text::NAME)?;
    Ok(text)
}

fn one_of(field: &str, value: Value, allowed: &[String]) -> Result<String, ApiError> {
    let word = string(field, value)?;
    if allowed.contains(&word) {
        Ok(word)
    } else {
        let allowed = allowed.join(", ");
        Err(invalid(field, format!("{word:?} is not one of {allowed}")))
    }
}

fn minimum(field: &str, value: &Value) -> Result<u32, ApiError> {
    let whole = match value {
        Value::Number(number) => number.as_u64().or_else(|| {
            let number = number.as_f64()?;
            // JSON knows no difference between 1 and 1.0.
            let whole = number.fract() == 0.0 && (0.0..=f64::from(MAX_MINIMUM)).contains(&number);
            whole.then(|| format!("{number:.0}").parse().ok())?
        }),
        _ => None,
    };
    whole
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| *number <= MAX_MINIMUM)
        .ok_or_else(|| {
            wrong_type(
                field,
                value,
                &format!("a whole number from 0 to {MAX_MINIMUM}"),
            )
        })
}

fn boolean(field: &str, value: &Value) -> Result<bool, ApiError> {
    value
        .as_bool()
        .ok_or_else(|| wrong_type(field, value, "true or false"))
}

fn tags(value: Value) -> Result<BTreeSet<String>, ApiError> {
    match value {
        Value::Array(tags) => tags.into_iter().map(|tag| name_text("tags", tag)).collect(),
        other => Err(wrong_type("tags", &other, "a list of strings")),
    }
}

fn wrong_type(field: &str, value: &Value, allowed: &str) -> ApiError {
    let shown = match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    invalid(field, format!("{shown} is not {allowed}"))
}

fn invalid(field: &str, why: impl std::fmt::Display) -> ApiError {
    ApiError::Invalid(format!("Invalid value of '{field}': {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Visibility;

    fn read(name: &str, value: Value) -> Result<Attribute, ApiError> {
        let disk = ["raw", "qcow2"].map(str::to_owned);
        let container = ["bare"].map(str::to_owned);
        parse(
            name.into(),
            value,
            Formats {
                disk: &disk,
                container: &container,
            },
        )
    }

    #[test]
    fn attributes_keep_their_types() {
        for (name, value, expected) in [
            ("name", json!(null), Attribute::Name(None)),
            (
                "disk_format",
                json!("raw"),
                Attribute::DiskFormat(Some("raw".into())),
            ),
            (
                "visibility",
                json!("public"),
                Attribute::Visibility(Visibility::Public),
            ),
            ("min_ram", json!(1.0), Attribute::MinRam(1)),
            (
                "min_disk",
                json!(MAX_MINIMUM),
                Attribute::MinDisk(MAX_MINIMUM),
            ),
            ("protected", json!(true), Attribute::Protected(true)),
            (
                "tags",
                json!(["b", "a", "b"]),
                Attribute::Tags(["a".into(), "b".into()].into()),
            ),
        ] {
            let read = read(name, value).expect("an attribute");
            assert_eq!(read, expected, "{name}");
        }
    }

    #[test]
    fn what_an_attribute_may_not_be_is_refused_by_name() {
        for (name, value) in [
            ("name", json!(5)),
            ("name", json!("a".repeat(256))),
            ("name", json!("\u{1F600}")),
            ("disk_format", json!("RAW")),
            ("container_format", json!("ova")),
            ("visibility", json!("secret")),
            ("visibility", json!(null)),
            ("min_ram", json!(-1)),
            ("min_ram", json!(2_147_483_648_u32)),
            ("min_ram", json!(1.5)),
            ("min_ram", json!(true)),
            ("min_disk", json!("1")),
            ("protected", json!("true")),
            ("tags", json!("a")),
            ("tags", json!([1])),
            ("tags", json!(["a".repeat(256)])),
            ("os_distro", json!(null)),
            ("custom", json!(1)),
            ("kernel_id", json!("zzz")),
            ("cinder_encryption_key_deletion_policy", json!("maybe")),
        ] {
            match read(name, value.clone()) {
                Err(ApiError::Invalid(why)) => assert!(why.contains(name), "{why}"),
                other => panic!("{name} = {value}: {other:?}"),
            }
        }
    }

    #[test]
    fn some_properties_of_the_schema_can_be_null() {
        assert_eq!(
            read("kernel_id", json!(null)).expect("null"),
            Attribute::Property {
                name: "kernel_id".into(),
                value: None
            }
        );
    }

    #[test]
    fn the_name_of_a_property_has_a_limit() {
        assert!(read(&"a".repeat(255), json!("")).is_ok());
        assert!(read(&"a".repeat(256), json!("")).is_err());
        assert!(read("", json!("")).is_ok());
    }
}
