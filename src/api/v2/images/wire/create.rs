//! The description of an image to create.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{
        error::ApiError,
        v2::images::{attribute, formats::Formats, names},
    },
    domain::{Algorithm, Attribute, Digest, ExpectedDigests, NewImage, property_names},
};

/// The description of an image to create: any of the attributes that a caller may set, and
/// custom properties.
#[derive(Debug, ToSchema)]
#[schema(as = CreateImage, value_type = Object)]
pub(in crate::api::v2::images) struct CreateImageBody(
    pub(in crate::api::v2::images) Map<String, Value>,
);

impl CreateImageBody {
    /// The image to create.
    ///
    /// Names that can never be written are refused first, then values that do not fit, then
    /// names that only the registry sets: the order in which Glance does it.
    ///
    /// # Errors
    ///
    /// The first refusal, with the name of the attribute.
    pub(in crate::api::v2::images) fn into_new_image(
        self,
        formats: Formats<'_>,
    ) -> Result<NewImage, ApiError> {
        let names: Vec<String> = self.0.keys().cloned().collect();
        for name in &names {
            names::check_never_writable(name)?;
        }
        let mut new = NewImage::default();
        let mut hash_value = None;
        for (name, value) in self.0 {
            match name.as_str() {
                "id" => new.id = Some(attribute::image_id(value)?),
                "os_hash_algo" => new.os_hash_algo = hash_algorithm(value)?,
                "os_hash_value" => {
                    hash_value = attribute::nullable("os_hash_value", value, |value| {
                        attribute::string("os_hash_value", value)
                    })?;
                }
                _ if names::check_creatable(&name).is_err() => {}
                _ => set(&mut new, attribute::parse(name, value, formats)?),
            }
        }
        for name in &names {
            names::check_creatable(name)?;
        }
        if let Some(value) = hash_value {
            expect(&mut new, &value)?;
        }
        Ok(new)
    }
}

/// The algorithm a caller chooses: only that it can be a name is checked here.
fn hash_algorithm(value: Value) -> Result<Option<Algorithm>, ApiError> {
    attribute::nullable("os_hash_algo", value, |value| {
        attribute::string("os_hash_algo", value)?
            .parse()
            .map_err(|error| {
                ApiError::Invalid(format!(
                    "Invalid value of 'os_hash_algo': {error}; /v2/info/hashing tells what is \
                     allowed"
                ))
            })
    })
}

/// Expects the digest `value` of the data, under the algorithm that the caller chose: the
/// attribute itself stays null until there are data.
fn expect(new: &mut NewImage, value: &str) -> Result<(), ApiError> {
    let invalid = |error: &dyn std::fmt::Display| {
        ApiError::Invalid(format!("Invalid value of 'os_hash_value': {error}"))
    };
    let Some(algorithm) = &new.os_hash_algo else {
        return Err(invalid(&"os_hash_algo must say its algorithm"));
    };
    let digest = Digest::from_hex(algorithm.clone(), value).map_err(|error| invalid(&error))?;
    let name = property_names::EXPECTED_CHECKSUM;
    let mut expected: ExpectedDigests = match new.properties.get(name) {
        Some(Some(text)) => text.parse().map_err(|error| invalid(&error))?,
        _ => ExpectedDigests::default(),
    };
    expected.add(digest).map_err(|error| invalid(&error))?;
    new.properties
        .insert(name.to_owned(), Some(expected.to_string()));
    Ok(())
}

fn set(new: &mut NewImage, attribute: Attribute) {
    match attribute {
        Attribute::Name(name) => new.name = name,
        Attribute::DiskFormat(format) => new.disk_format = format,
        Attribute::ContainerFormat(format) => new.container_format = format,
        Attribute::Visibility(visibility) => new.visibility = Some(visibility),
        Attribute::Owner(owner) => new.owner = Some(owner),
        Attribute::MinDisk(gib) => new.min_disk = gib,
        Attribute::MinRam(mib) => new.min_ram = mib,
        Attribute::Protected(protected) => new.protected = protected,
        Attribute::Hidden(hidden) => new.os_hidden = hidden,
        Attribute::Tags(tags) => new.tags = tags,
        Attribute::Property { name, value } => {
            new.properties.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "0abcdef0-0000-4000-8000-00000000000f";

    fn create(body: Value) -> Result<NewImage, ApiError> {
        let disk = ["raw"].map(str::to_owned);
        let container = ["bare"].map(str::to_owned);
        let Value::Object(body) = body else {
            panic!("the body is an object");
        };
        CreateImageBody(body).into_new_image(Formats {
            disk: &disk,
            container: &container,
        })
    }

    #[test]
    fn a_description_becomes_an_image_to_create() {
        let new = create(json!({
            "id": ID.to_uppercase(), "name": "a", "disk_format": "raw", "os_hash_algo": "sha256",
            "owner": null, "tags": ["x", "x"], "os_distro": "cirros", "member": "kept",
        }))
        .expect("an image");
        assert_eq!(new.id.map(|id| id.to_string()), Some(ID.to_uppercase()));
        assert_eq!(
            new.os_hash_algo.as_ref().map(Algorithm::as_str),
            Some("sha256")
        );
        assert_eq!(new.owner, Some(None));
        assert_eq!(new.tags.len(), 1);
        assert_eq!(new.properties.len(), 2);
        assert_eq!(create(json!({})).expect("an image"), NewImage::default());
    }

    #[test]
    fn no_algorithm_is_the_same_as_null() {
        let new = create(json!({"os_hash_algo": null})).expect("an image");
        assert_eq!(new.os_hash_algo, None);
    }

    #[test]
    fn what_can_be_no_algorithm_is_refused() {
        for value in [json!(""), json!(5), json!("a".repeat(65)), json!(["md5"])] {
            assert!(
                matches!(
                    create(json!({"os_hash_algo": value})),
                    Err(ApiError::Invalid(_))
                ),
                "{value}"
            );
        }
    }

    #[test]
    fn a_value_beside_the_algorithm_is_what_the_data_must_have() {
        let expected = |body| {
            create(body).map(|new| new.properties.get("expected_checksum").cloned().flatten())
        };
        let said = expected(json!({
            "os_hash_value": "ABCD", "os_hash_algo": "md5", "expected_checksum": "sha1:EF"
        }));
        assert_eq!(said.expect("one").as_deref(), Some("sha1:ef,md5:abcd"));
        let null = expected(json!({"os_hash_value": null}));
        assert_eq!(null.expect("none"), None);
        for body in [
            json!({"os_hash_value": "abcd"}),
            json!({"os_hash_value": "", "os_hash_algo": "md5"}),
            json!({"os_hash_value": 5, "os_hash_algo": "md5"}),
            json!({"os_hash_value": "ab", "os_hash_algo": "md5", "expected_checksum": "md5:cd"}),
            json!({"expected_checksum": ""}),
            json!({"expected_checksum": "abcd"}),
        ] {
            let refused = expected(body.clone());
            assert!(matches!(refused, Err(ApiError::Invalid(_))), "{body}");
        }
    }

    #[test]
    fn refusals_come_in_the_order_never_writable_then_unfit_then_read_only() {
        assert!(matches!(
            create(json!({"name": 5, "status": "active", "self": "x"})),
            Err(ApiError::ReadOnly(name)) if name == "self"
        ));
        assert!(matches!(
            create(json!({"status": "active", "name": 5})),
            Err(ApiError::Invalid(_))
        ));
        for name in ["status", "checksum", "size", "created_at"] {
            assert!(
                matches!(create(json!({name: "x"})), Err(ApiError::ReadOnly(_))),
                "{name}"
            );
        }
        for name in ["locations", "location", "deleted_at", "os_glance_x"] {
            assert!(
                matches!(create(json!({name: "x"})), Err(ApiError::Reserved(_))),
                "{name}"
            );
        }
    }
}
