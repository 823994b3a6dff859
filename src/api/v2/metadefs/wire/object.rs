//! Definitions of groups of properties on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    definition,
    fields::{Fields, invalid, texts},
    property,
};
use crate::{
    api::{error::ApiError, links::segment, time::Seconds},
    domain::metadef::{Dated, Definition, Name, Object},
};

/// The most characters of the description of an object.
const MAX_DESCRIPTION: usize = 5000;

/// What an answer has and only the registry sets.
const READ_ONLY: [&str; 4] = ["self", "schema", "created_at", "updated_at"];

/// The definition of an object: `name`, `description`, `required` and `properties`.
#[derive(Debug, ToSchema)]
#[schema(as = DefineObject, value_type = Object)]
pub(in crate::api::v2::metadefs) struct ObjectBody(
    pub(in crate::api::v2::metadefs) Map<String, Value>,
);

impl ObjectBody {
    /// The object.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the first field that is not what it may be,
    /// [`ApiError::ReadOnly`].
    pub(in crate::api::v2::metadefs) fn into_object(self) -> Result<Object, ApiError> {
        let fields = Fields::of_body(self.0);
        fields.refuse_read_only(&READ_ONLY)?;
        read(fields)
    }
}

/// Reads an object that stands in a namespace.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the first field that is not what it may be.
pub(super) fn nested(place: &str, value: Value) -> Result<Object, ApiError> {
    let mut fields = Fields::within(place, value)?;
    fields.leave_out(&READ_ONLY);
    read(fields)
}

fn read(mut fields: Fields) -> Result<Object, ApiError> {
    let name = fields.name("name")?;
    let description = fields.text("description", MAX_DESCRIPTION)?;
    let place = fields.place("required");
    let required = match fields.take("required") {
        Some(value) => texts(&place, &value)?,
        None => Vec::new(),
    };
    if required.iter().map(String::len).sum::<usize>() > Definition::MAX_BYTES {
        return Err(invalid(&place, "the names are too long"));
    }
    let place = fields.place("properties");
    let properties = property::by_name(&mut fields)?
        .into_iter()
        .map(|property| (property.name.to_string(), property.definition.into()))
        .collect();
    fields.end()?;
    Ok(Object {
        name,
        description,
        required,
        properties: definition::kept(&place, properties)?,
    })
}

/// The definition of an object.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ObjectDefinition)]
pub(in crate::api::v2::metadefs) struct ObjectView {
    /// The name.
    name: String,
    /// The names of the properties that must be given.
    required: Vec<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The definitions of its properties, by their names.
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Seconds,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Seconds,
    /// The path of the object.
    #[serde(rename = "self")]
    self_link: String,
    /// The path of the schema of objects.
    schema: &'static str,
}

impl ObjectView {
    /// The object of the namespace, with a prefix before the names of its properties.
    pub(in crate::api::v2::metadefs) fn new(
        namespace: &Name,
        object: Dated<Object>,
        prefix: &str,
    ) -> Self {
        let Dated {
            what,
            created_at,
            updated_at,
        } = object;
        let Object {
            name,
            description,
            required,
            properties,
        } = what;
        let prefixed = |name: String| format!("{prefix}{name}");
        Self {
            self_link: format!(
                "/v2/metadefs/namespaces/{}/objects/{}",
                segment(namespace.as_str()),
                segment(name.as_str())
            ),
            name: name.to_string(),
            required: required.into_iter().map(prefixed).collect(),
            description,
            properties: definition::shown(&properties)
                .into_iter()
                .map(|(name, definition)| (prefixed(name), definition))
                .collect(),
            created_at: Seconds(created_at),
            updated_at: Seconds(updated_at),
            schema: "/v2/schemas/metadefs/object",
        }
    }
}

/// A page of the objects of a namespace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ObjectDefinitions)]
pub(in crate::api::v2::metadefs) struct ObjectListView {
    /// The objects.
    objects: Vec<ObjectView>,
    /// The path of the schema of lists of objects.
    schema: &'static str,
}

impl ObjectListView {
    /// The objects of the namespace.
    pub(in crate::api::v2::metadefs) fn new(namespace: &Name, objects: Vec<Dated<Object>>) -> Self {
        let view = |object| ObjectView::new(namespace, object, "");
        Self {
            objects: objects.into_iter().map(view).collect(),
            schema: "/v2/schemas/metadefs/objects",
        }
    }
}
