//! Locations on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::error::ApiError,
    domain::{Claimed, ExpectedDigests, Location, NewLocation},
    service::RegisterCall,
};

/// The most bytes that may be said of a place, as JSON.
const MOST_METADATA: usize = 16 * 1024;

/// The most characters of the parts of `validation_data`, and of a location's `checksum`.
const MOST_CLAIM: usize = 4096;

/// What the registry itself says of a place: its store.
const STORE: &str = "store";

/// Where a copy of an image's bytes is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Location)]
pub(in crate::api::v2) struct LocationView {
    /// The address.
    url: String,
    /// What who registered it says of it; with several stores, also the `store`.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
}

impl LocationView {
    /// `location`, with its store if users know stores by their names.
    pub(in crate::api::v2) fn new(location: Location, stores_are_named: bool) -> Self {
        let Location {
            store,
            url,
            metadata,
        } = location;
        let mut metadata: Map<String, Value> = serde_json::from_str(&metadata).unwrap_or_default();
        if stores_are_named {
            metadata.insert(STORE.into(), Value::String(store.to_string()));
        }
        Self { url, metadata }
    }
}

/// Places as they are shown.
pub(in crate::api::v2) fn views(
    locations: Vec<Location>,
    stores_are_named: bool,
) -> Vec<LocationView> {
    let view = |location| LocationView::new(location, stores_are_named);
    locations.into_iter().map(view).collect()
}

/// A place, and what its bytes must be: `validation_data` with `os_hash_algo` and `os_hash_value`,
/// or `checksum` (`sha256:<hex>`).
#[derive(Debug, ToSchema)]
#[schema(as = NewLocation, value_type = Object)]
pub(super) struct RegisterBody(pub(super) Map<String, Value>);

impl RegisterBody {
    /// The place. Keys that are not known mean nothing, as in Glance.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the key and what is allowed.
    pub(super) fn into_call(mut self) -> Result<RegisterCall, ApiError> {
        let url = url(&mut self.0)?;
        let claim = match self.0.remove("validation_data") {
            None => None,
            Some(Value::Object(data)) if data.is_empty() => None,
            Some(data) => Some(claimed(data)?),
        };
        if claim.as_ref().is_some_and(|claim| claim.checksum.is_some()) {
            return Err(invalid(
                "'validation_data' has no key \"checksum\" here; allowed: os_hash_algo, \
                 os_hash_value",
            ));
        }
        Ok(RegisterCall {
            url,
            claim,
            expected: expected(&mut self.0)?,
        })
    }
}

/// Reads a place as patches write it.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the key and what is allowed.
pub(in crate::api::v2) fn new_location(value: Value) -> Result<NewLocation, ApiError> {
    let Value::Object(mut location) = value else {
        return Err(invalid("a location must be an object"));
    };
    let claim = location
        .remove("validation_data")
        .map(claimed)
        .transpose()?;
    Ok(NewLocation {
        url: url(&mut location)?,
        metadata: metadata(location.remove("metadata"))?,
        claim,
        expected: expected(&mut location)?,
    })
}

fn url(location: &mut Map<String, Value>) -> Result<String, ApiError> {
    match location.remove("url") {
        Some(Value::String(url)) => Ok(url),
        _ => Err(invalid("a location must have a string as its 'url'")),
    }
}

fn metadata(value: Option<Value>) -> Result<String, ApiError> {
    let Some(Value::Object(mut metadata)) = value else {
        return Err(invalid("a location must have an object as its 'metadata'"));
    };
    // The address says which store it is, whatever is written here.
    metadata.remove(STORE);
    let text = Value::Object(metadata).to_string();
    if text.len() > MOST_METADATA {
        return Err(invalid(&format!(
            "'metadata' of a location may have {MOST_METADATA} bytes at most"
        )));
    }
    Ok(text)
}

fn claimed(data: Value) -> Result<Claimed, ApiError> {
    let Value::Object(mut data) = data else {
        return Err(invalid("'validation_data' must be an object"));
    };
    let mut text = |key: &str| match data.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= MOST_CLAIM => Ok(Some(text)),
        Some(_) => Err(invalid(&format!(
            "'{key}' of 'validation_data' must be a string of at most {MOST_CLAIM} characters"
        ))),
    };
    let (algorithm, value) = (text("os_hash_algo")?, text("os_hash_value")?);
    let checksum = text("checksum")?;
    if let Some(key) = data.keys().next() {
        return Err(invalid(&format!(
            "'validation_data' has no key {key:?}; allowed: os_hash_algo, os_hash_value, checksum"
        )));
    }
    let (Some(algorithm), Some(value)) = (algorithm, value) else {
        return Err(invalid(
            "'validation_data' must have both os_hash_algo and os_hash_value",
        ));
    };
    Ok(Claimed {
        algorithm,
        value,
        checksum,
    })
}

fn expected(location: &mut Map<String, Value>) -> Result<ExpectedDigests, ApiError> {
    match location.remove("checksum") {
        None => Ok(ExpectedDigests::default()),
        Some(Value::String(text)) if text.len() <= MOST_CLAIM => text
            .parse()
            .map_err(|error| invalid(&format!("'checksum' of a location: {error}"))),
        Some(_) => Err(invalid(&format!(
            "'checksum' of a location must be a string of at most {MOST_CLAIM} characters"
        ))),
    }
}

fn invalid(why: &str) -> ApiError {
    ApiError::Invalid(why.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_store_is_told_and_never_taken() {
        let value = json!({"url": "http://a/b", "metadata": {"store": "x", "speed": 88}});
        let new = new_location(value).expect("a location");
        assert_eq!(new.metadata, r#"{"speed":88}"#);
        let location = Location {
            metadata: new.metadata,
            ..Location::new("web".parse().expect("an id"), new.url)
        };
        let view = |named| json!(LocationView::new(location.clone(), named));
        assert_eq!(
            view(true),
            json!({"url": "http://a/b", "metadata": {"speed": 88, "store": "web"}})
        );
        assert_eq!(view(false)["metadata"], json!({"speed": 88}));
    }

    #[test]
    fn what_makes_no_location_is_refused() {
        let claim = json!({"os_hash_algo": "md5", "os_hash_value": "ab"});
        assert!(
            new_location(json!({"url": "a", "metadata": {}, "validation_data": claim})).is_ok()
        );
        for value in [
            json!("http://a/b"),
            json!({}),
            json!({"url": "a"}),
            json!({"url": 5, "metadata": {}}),
            json!({"url": "a", "metadata": []}),
            json!({"url": "a", "metadata": {"x": "y".repeat(MOST_METADATA)}}),
            json!({"url": "a", "metadata": {}, "validation_data": null}),
            json!({"url": "a", "metadata": {}, "validation_data": {}}),
            json!({"url": "a", "metadata": {}, "validation_data": {"os_hash_algo": "md5"}}),
            json!({"url": "a", "metadata": {}, "validation_data": {
                "os_hash_algo": "md5", "os_hash_value": "ab", "x": "y"}}),
            json!({"url": "a", "metadata": {}, "validation_data": {
                "os_hash_algo": "md5", "os_hash_value": 5}}),
            json!({"url": "a", "metadata": {}, "checksum": "md5"}),
            json!({"url": "a", "metadata": {}, "checksum": 5}),
        ] {
            let refused = new_location(value.clone());
            assert!(matches!(refused, Err(ApiError::Invalid(_))), "{value}");
        }
    }

    #[test]
    fn a_registration_takes_no_other_claims_and_ignores_other_keys() {
        let read = |body: Value| match body {
            Value::Object(body) => RegisterBody(body).into_call(),
            other => panic!("{other} is no object"),
        };
        let call = read(json!({"url": "a", "validation_data": {}, "else": 1})).expect("a call");
        assert_eq!(call.claim, None);
        for body in [
            json!({}),
            json!({"url": "a", "validation_data": {"os_hash_value": "ab"}}),
            json!({"url": "a", "validation_data": {
                "os_hash_algo": "md5", "os_hash_value": "ab", "checksum": "ab"}}),
        ] {
            assert!(read(body.clone()).is_err(), "{body}");
        }
    }
}
