//! Definitions of single properties on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    definition,
    fields::{Fields, invalid},
};
use crate::{
    api::error::ApiError,
    domain::metadef::{Name, Property},
};

/// The definition of a property: `name`, `title`, `type`, and what else its JSON schema says.
#[derive(Debug, ToSchema)]
#[schema(as = DefineProperty, value_type = Object)]
pub(in crate::api::v2::metadefs) struct PropertyBody(
    pub(in crate::api::v2::metadefs) Map<String, Value>,
);

impl PropertyBody {
    /// The property.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the first field that is not what it may be,
    /// [`ApiError::ReadOnly`].
    pub(in crate::api::v2::metadefs) fn into_property(self) -> Result<Property, ApiError> {
        let mut fields = Fields::of_body(self.0);
        fields.refuse_read_only(&["created_at", "updated_at"])?;
        let name = fields.name("name")?;
        let definition = definition::kept(name.as_str(), definition::read(fields)?)?;
        Ok(Property { name, definition })
    }
}

/// A property that stands under its name.
pub(super) struct Placed {
    /// Its name.
    pub(super) name: Name,
    /// Where it is in the body.
    pub(super) place: String,
    /// What its values may be.
    pub(super) definition: Map<String, Value>,
}

/// Reads properties that stand under their names, as a namespace or an object has them.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the first field that is not what it may be.
pub(super) fn by_name(fields: &mut Fields) -> Result<Vec<Placed>, ApiError> {
    let read = |(place, name, value): (String, String, Value)| {
        let name = name.parse().map_err(|error| invalid(&place, error))?;
        let mut fields = Fields::within(&place, value)?;
        fields.leave_out(&["name"]);
        let definition = definition::read(fields)?;
        Ok(Placed {
            name,
            place,
            definition,
        })
    };
    fields.map("properties")?.into_iter().map(read).collect()
}

/// The definition of a property, with its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PropertyDefinition)]
pub(in crate::api::v2::metadefs) struct PropertyView {
    /// The name.
    name: String,
    /// What its values may be: `type`, `title` and the other keywords of its JSON schema.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    definition: Map<String, Value>,
}

impl From<Property> for PropertyView {
    fn from(property: Property) -> Self {
        let Property { name, definition } = property;
        Self {
            name: name.to_string(),
            definition: definition::shown(&definition),
        }
    }
}

/// The definitions of the properties of a namespace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PropertyDefinitions)]
pub(in crate::api::v2::metadefs) struct PropertyListView {
    /// The definitions, by the names of the properties.
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
}

impl From<Vec<Property>> for PropertyListView {
    fn from(properties: Vec<Property>) -> Self {
        Self {
            properties: shown(properties, ""),
        }
    }
}

/// The definitions by their names, with a prefix before each name.
pub(super) fn shown(properties: Vec<Property>, prefix: &str) -> Map<String, Value> {
    let entry = |property: Property| {
        let name = format!("{prefix}{}", property.name);
        (name, definition::shown(&property.definition).into())
    };
    properties.into_iter().map(entry).collect()
}
