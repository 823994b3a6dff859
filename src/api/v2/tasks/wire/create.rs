//! A task to create.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{
    api::{
        error::ApiError,
        text,
        v2::{images, imports},
    },
    domain::AskedImage,
    service::{Discovery, TaskCall},
};

/// The keys of `input`.
const INPUT: &str = "import_from, import_from_format, image_properties, backend, checksum, \
                     checksum_url, signature_url, publisher, checksum_name";

/// A task: its `type`, which is `import`, and its `input`.
///
/// The `input` has `import_from`, the address of the data; `import_from_format`, their disk format;
/// and `image_properties`, the image to create, as `POST /v2/images` takes it. It may name a store
/// by `backend`, and say what the data must be by the keys that an import has in its `method`
/// (`checksum`, `checksum_url`, …).
#[derive(Debug, ToSchema)]
#[schema(as = CreateTask, value_type = Object)]
pub(in crate::api::v2::tasks) struct CreateTaskBody(
    pub(in crate::api::v2::tasks) Map<String, Value>,
);

impl CreateTaskBody {
    /// The task to create.
    ///
    /// A key that is not known is refused: whoever sent it counts on it.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the key and what is allowed; of the image's attributes, what
    /// `POST /v2/images` refuses.
    pub(in crate::api::v2::tasks) fn into_call(
        mut self,
        discovery: &Discovery,
    ) -> Result<TaskCall, ApiError> {
        check_kind(self.0.remove("type"))?;
        let input = match self.0.remove("input") {
            Some(Value::Object(input)) => input,
            Some(_) => return Err(invalid("'input' must be an object")),
            None => return Err(invalid("Task 'input' is required")),
        };
        no_more(&self.0, "the body", "type, input")?;
        call(input, discovery)
    }
}

fn check_kind(kind: Option<Value>) -> Result<(), ApiError> {
    match kind {
        None => Err(invalid("Task 'type' is required")),
        Some(Value::String(kind)) => match kind.as_str() {
            "import" => Ok(()),
            "api_image_import" => Err(invalid(
                "a task of the type 'api_image_import' is made by POST \
                 /v2/images/{image_id}/import",
            )),
            "location_import" => Err(invalid(
                "a task of the type 'location_import' is made by POST \
                 /v2/images/{image_id}/locations",
            )),
            _ => Err(invalid("'type' must be 'import'")),
        },
        Some(_) => Err(invalid("'type' must be the string 'import'")),
    }
}

fn call(mut input: Map<String, Value>, discovery: &Discovery) -> Result<TaskCall, ApiError> {
    let uri = string(&mut input, "import_from")?;
    let format = string(&mut input, "import_from_format")?;
    let Some(Value::Object(properties)) = input.remove("image_properties") else {
        return Err(invalid("'image_properties' of 'input' must be an object"));
    };
    let store = match input.remove("backend") {
        None => None,
        Some(Value::String(store)) => Some(store),
        Some(_) => return Err(invalid("'backend' of 'input' must be the id of a store")),
    };
    let (expected, checksums) = imports::expectations(&mut input, "'input'")?;
    no_more(&input, "'input'", INPUT)?;
    let asked = AskedImage {
        properties: Value::Object(properties.clone()).to_string(),
        format,
    };
    let image = images::described(with_formats(properties, &asked.format)?, discovery)?;
    Ok(TaskCall {
        uri,
        image,
        asked,
        store,
        expected,
        checksums,
    })
}

/// The image with its formats: that of the data, and `bare`, unless it says others. Nothing is
/// converted here, so that no image may be promised another format than its data have.
fn with_formats(
    mut properties: Map<String, Value>,
    format: &str,
) -> Result<Map<String, Value>, ApiError> {
    for (name, usual) in [("disk_format", format), ("container_format", "bare")] {
        let said = properties.entry(name).or_insert(Value::Null);
        if said.is_null() {
            *said = json!(usual);
        }
    }
    match properties.get("disk_format") {
        Some(Value::String(said)) if said != format => Err(ApiError::Invalid(format!(
            "'import_from_format' of 'input' is {format:?}, but the image's 'disk_format' is \
             {said:?}: this registry does not convert images"
        ))),
        _ => Ok(properties),
    }
}

fn string(input: &mut Map<String, Value>, key: &str) -> Result<String, ApiError> {
    match input.remove(key) {
        Some(Value::String(text)) if !text.is_empty() => {
            text::check_characters(&format!("'{key}'"), &text)?;
            Ok(text)
        }
        Some(_) => Err(invalid(&format!(
            "'{key}' of 'input' must be a string that is not empty"
        ))),
        None => Err(invalid(&format!("Input does not contain '{key}' field"))),
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
