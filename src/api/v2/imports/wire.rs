//! Imports on the wire.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{error::ApiError, text},
    domain::{ChecksumSource, ExpectedDigests, ImportMethod, RemoteImage, StoresNeeded},
    service::ImportCall,
};

/// The keys of every method that say what the data must be.
const EXPECTATIONS: &str = "checksum, checksum_url, signature_url, publisher, checksum_name";

/// What to import, and into which stores.
///
/// `method` may say what the data must be: `checksum` (`sha256:<hex>`), or `checksum_url`, the
/// publisher's checksum file, with `signature_url`, `publisher` and `checksum_name` if need be.
#[derive(Debug, ToSchema)]
#[schema(as = Import, value_type = Object)]
pub(super) struct ImportBody(pub(super) Map<String, Value>);

impl ImportBody {
    /// The import, by one of the `open` methods. `store` is what a header names.
    ///
    /// A key that is not known is refused: whoever sent it counts on it.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the key and what is allowed.
    pub(super) fn into_call(
        mut self,
        open: &[String],
        store: Option<String>,
    ) -> Result<ImportCall, ApiError> {
        let needed = match boolean(&mut self.0, "all_stores_must_succeed")? {
            None | Some(true) => StoresNeeded::All,
            Some(false) => StoresNeeded::Any,
        };
        let (method, mut expected, checksums) = method(self.0.remove("method"), open)?;
        if let Some(data) = self.0.remove("validation_data") {
            expected
                .merge(validation_data(data)?)
                .map_err(|error| invalid(&format!("'validation_data': {error}")))?;
        }
        if method == ImportMethod::CopyImage && (!expected.is_empty() || checksums.is_some()) {
            return Err(invalid(
                "with copy-image nothing else can be expected than the digests of the image",
            ));
        }
        let call = ImportCall {
            method,
            expected,
            needed,
            checksums,
            stores: stores(self.0.remove("stores"))?,
            all_stores: boolean(&mut self.0, "all_stores")?.unwrap_or(false),
            store_header: store,
        };
        no_more(
            &self.0,
            "the body",
            "method, stores, all_stores, all_stores_must_succeed, validation_data",
        )?;
        Ok(call)
    }
}

/// The method, the digests that it says the data must have, and where their publisher says some.
fn method(
    method: Option<Value>,
    open: &[String],
) -> Result<(ImportMethod, ExpectedDigests, Option<ChecksumSource>), ApiError> {
    let Some(Value::Object(mut method)) = method else {
        return Err(invalid("'method' must be an object with the key 'name'"));
    };
    let Some(Value::String(name)) = method.remove("name") else {
        return Err(invalid("'method' must have a string as its 'name'"));
    };
    if !open.contains(&name) {
        return Err(unknown(&name, open));
    }
    let (expected, checksums) = expectations(&mut method, "'method'")?;
    let method = match name.as_str() {
        "glance-direct" => {
            let allowed = format!("name, {EXPECTATIONS}");
            no_more(&method, "'method' glance-direct", &allowed)?;
            ImportMethod::GlanceDirect
        }
        "web-download" => {
            let uri = match method.remove("uri") {
                Some(Value::String(uri)) if !uri.is_empty() => uri,
                _ => return Err(invalid("'method' web-download needs a string as its 'uri'")),
            };
            text::check_characters("'uri'", &uri)?;
            let allowed = format!("name, uri, {EXPECTATIONS}");
            no_more(&method, "'method' web-download", &allowed)?;
            ImportMethod::WebDownload { uri }
        }
        "glance-download" => {
            let remote = remote(&mut method)?;
            let allowed = format!(
                "name, glance_region, glance_image_id, glance_service_interface, {EXPECTATIONS}"
            );
            no_more(&method, "'method' glance-download", &allowed)?;
            ImportMethod::GlanceDownload(remote)
        }
        "copy-image" => {
            no_more(&method, "'method' copy-image", "name")?;
            ImportMethod::CopyImage
        }
        _ => return Err(invalid(&format!("import method {name:?} is not supported"))),
    };
    Ok((method, expected, checksums))
}

/// Takes out of the object that is called `of` what it says that the data must be: their digests,
/// and where their publisher says some.
pub(in crate::api::v2) fn expectations(
    object: &mut Map<String, Value>,
    of: &str,
) -> Result<(ExpectedDigests, Option<ChecksumSource>), ApiError> {
    let expected = match object.remove("checksum") {
        None => ExpectedDigests::default(),
        Some(Value::String(text)) => text
            .parse()
            .map_err(|error| invalid(&format!("'checksum' of {of}: {error}")))?,
        Some(_) => return Err(invalid(&format!("'checksum' of {of} must be a string"))),
    };
    Ok((expected, checksum_source(object, of)?))
}

/// The image of another registry. Where that is, is looked up later.
fn remote(method: &mut Map<String, Value>) -> Result<RemoteImage, ApiError> {
    let mut text = |key: &str| match method.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(invalid(&format!(
            "'{key}' of 'method' must be a string that is not empty"
        ))),
    };
    let needed = |key: &str| {
        invalid(&format!(
            "'{key}' needs to be set for glance-download import method"
        ))
    };
    let region = text("glance_region")?.ok_or_else(|| needed("glance_region"))?;
    text::check("'glance_region'", &region, text::NAME)?;
    let image = text("glance_image_id")?.ok_or_else(|| needed("glance_image_id"))?;
    let image = image
        .parse()
        .map_err(|_| invalid("'glance_image_id': image id does not look like a UUID"))?;
    let interface = text("glance_service_interface")?.unwrap_or_else(|| "public".into());
    text::check("'glance_service_interface'", &interface, text::NAME)?;
    Ok(RemoteImage {
        region,
        image,
        interface,
        endpoint: String::new(),
    })
}

/// Where the publisher says what digests the data have.
fn checksum_source(
    object: &mut Map<String, Value>,
    of: &str,
) -> Result<Option<ChecksumSource>, ApiError> {
    let mut text = |key: &str| match object.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => {
            text::check_characters(&format!("'{key}'"), &text)?;
            Ok(Some(text))
        }
        Some(_) => Err(invalid(&format!(
            "'{key}' of {of} must be a string that is not empty"
        ))),
    };
    let url = text("checksum_url")?;
    let rest = [
        ("signature_url", text("signature_url")?),
        ("publisher", text("publisher")?),
        ("checksum_name", text("checksum_name")?),
    ];
    let Some(url) = url else {
        return match rest.iter().find(|(_, value)| value.is_some()) {
            None => Ok(None),
            Some((key, _)) => Err(invalid(&format!(
                "'{key}' of {of} is only for use with 'checksum_url'"
            ))),
        };
    };
    let [(_, signature_url), (_, publisher), (_, name)] = rest;
    Ok(Some(ChecksumSource {
        url,
        signature_url,
        publisher,
        name,
    }))
}

/// Reads a digest as the locations API has it.
fn validation_data(data: Value) -> Result<ExpectedDigests, ApiError> {
    let form =
        "'validation_data' must be an object with the strings os_hash_algo and os_hash_value";
    let Value::Object(mut data) = data else {
        return Err(invalid(form));
    };
    match (data.remove("os_hash_algo"), data.remove("os_hash_value")) {
        (Some(Value::String(algorithm)), Some(Value::String(value))) if data.is_empty() => {
            format!("{algorithm}:{value}")
                .parse()
                .map_err(|error| invalid(&format!("'validation_data': {error}")))
        }
        _ => Err(invalid(form)),
    }
}

fn unknown(name: &str, open: &[String]) -> ApiError {
    let open = open.join(", ");
    invalid(&format!("import method {name:?} is not one of {open}"))
}

fn stores(stores: Option<Value>) -> Result<Option<Vec<String>>, ApiError> {
    let wrong = || invalid("'stores' must be a list of the ids of one store or more");
    match stores {
        None => Ok(None),
        Some(Value::Array(stores)) if !stores.is_empty() => stores
            .into_iter()
            .map(|store| match store {
                Value::String(id) => Ok(id),
                _ => Err(wrong()),
            })
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}

fn boolean(body: &mut Map<String, Value>, key: &str) -> Result<Option<bool>, ApiError> {
    match body.remove(key) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(value)),
        Some(_) => Err(invalid(&format!("'{key}' must be true or false"))),
    }
}

fn no_more(rest: &Map<String, Value>, what: &str, allowed: &str) -> Result<(), ApiError> {
    match rest.keys().next() {
        None => Ok(()),
        Some(key) => Err(invalid(&format!(
            "{what} has no key {key:?}; allowed: {allowed}"
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

    fn call(body: Value) -> Result<ImportCall, ApiError> {
        let open = ["glance-direct", "web-download", "copy-image"].map(str::to_owned);
        match body {
            Value::Object(body) => ImportBody(body).into_call(&open, None),
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn an_import_goes_to_the_default_store_unless_said() {
        let read = call(json!({"method": {"name": "glance-direct"}})).expect("a call");
        assert_eq!(
            read,
            ImportCall {
                method: ImportMethod::GlanceDirect,
                stores: None,
                all_stores: false,
                needed: StoresNeeded::All,
                store_header: None,
                expected: ExpectedDigests::default(),
                checksums: None,
            }
        );
        let read = call(json!({
            "method": {"name": "web-download", "uri": "http://a/b"},
            "stores": ["x", "y"],
            "all_stores_must_succeed": false,
        }))
        .expect("a call");
        assert_eq!(read.stores, Some(vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(read.needed, StoresNeeded::Any);
    }

    #[test]
    fn digests_are_expected_by_the_method_and_by_validation_data() {
        let read = call(json!({
            "method": {"name": "glance-direct", "checksum": "SHA1:AB"},
            "validation_data": {"os_hash_algo": "md5", "os_hash_value": "CD"},
        }))
        .expect("a call");
        assert_eq!(read.expected.to_string(), "sha1:ab,md5:cd");
    }

    #[test]
    fn what_an_import_cannot_be_is_refused() {
        for body in [
            json!({}),
            json!({"method": "glance-direct"}),
            json!({"method": {}}),
            json!({"method": {"name": 5}}),
            json!({"method": {"name": "copy-image", "uri": "http://a"}}),
            json!({"method": {"name": "copy-image", "checksum": "md5:ab"}}),
            json!({"method": {"name": "copy-image", "checksum_url": "http://a/b"}}),
            json!({
                "method": {"name": "copy-image"},
                "validation_data": {"os_hash_algo": "md5", "os_hash_value": "ab"},
            }),
            json!({"method": {"name": "web-download"}}),
            json!({"method": {"name": "web-download", "uri": ""}}),
            json!({"method": {"name": "web-download", "uri": 5}}),
            json!({"method": {"name": "glance-direct", "uri": "http://a"}}),
            json!({"method": {"name": "web-download", "uri": "http://a", "checksum": "x"}}),
            json!({"method": {"name": "web-download", "uri": "http://a", "checksum": ""}}),
            json!({"method": {"name": "glance-direct", "checksum": 5}}),
            json!({"method": {"name": "glance-direct", "checksum": "md5:ab,md5:cd"}}),
            json!({
                "method": {"name": "glance-direct", "checksum": "md5:ab"},
                "validation_data": {"os_hash_algo": "md5", "os_hash_value": "cd"},
            }),
            json!({
                "method": {"name": "glance-direct"},
                "validation_data": {"os_hash_algo": "md5"},
            }),
            json!({
                "method": {"name": "glance-direct"},
                "validation_data": {"os_hash_algo": "md5", "os_hash_value": "ab", "x": 1},
            }),
            json!({"method": {"name": "web-download", "uri": "http://a", "checksum_url": ""}}),
            json!({"method": {"name": "web-download", "uri": "http://a", "checksum_url": 5}}),
            json!({"method": {"name": "web-download", "uri": "http://a", "signature_url": "http://b"}}),
            json!({"method": {"name": "web-download", "uri": "http://a", "publisher": "b"}}),
            json!({"method": {"name": "glance-direct", "checksum_name": "b"}}),
            json!({"method": {"name": "glance-direct"}, "stores": []}),
            json!({"method": {"name": "glance-direct"}, "stores": "a"}),
            json!({"method": {"name": "glance-direct"}, "stores": [1]}),
            json!({"method": {"name": "glance-direct"}, "all_stores": "true"}),
            json!({"method": {"name": "glance-direct"}, "all_stores_must_succeed": 1}),
            json!({"method": {"name": "glance-direct"}, "validation_data": {}}),
        ] {
            let refused = call(body.clone());
            assert!(matches!(refused, Err(ApiError::Invalid(_))), "{body}");
        }
    }

    #[test]
    fn a_method_that_is_not_open_is_refused() {
        let open = ["web-download".to_owned()];
        let body = json!({"method": {"name": "glance-direct"}});
        let Value::Object(body) = body else {
            panic!("an object");
        };
        assert!(ImportBody(body).into_call(&open, None).is_err());
    }
}
