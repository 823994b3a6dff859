//! Types of resources, and the namespaces that apply to them, on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::fields::Fields;
use crate::{
    api::{error::ApiError, time::Seconds},
    domain::metadef::{Association, Dated, Name},
};

/// The most characters of a prefix and of a target of properties.
const MAX_TEXT: usize = 80;

/// What an answer has and only the registry sets.
const READ_ONLY: [&str; 2] = ["created_at", "updated_at"];

/// A type of resources to apply to: `name`, `prefix` and `properties_target`.
#[derive(Debug, ToSchema)]
#[schema(as = AssociateResourceType, value_type = Object)]
pub(in crate::api::v2::metadefs) struct AssociationBody(
    pub(in crate::api::v2::metadefs) Map<String, Value>,
);

impl AssociationBody {
    /// The association.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the first field that is not what it may be,
    /// [`ApiError::ReadOnly`].
    pub(in crate::api::v2::metadefs) fn into_association(self) -> Result<Association, ApiError> {
        let fields = Fields::of_body(self.0);
        fields.refuse_read_only(&READ_ONLY)?;
        read(fields)
    }
}

/// Reads an association that stands in a namespace.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the first field that is not what it may be.
pub(super) fn nested(place: &str, value: Value) -> Result<Association, ApiError> {
    let mut fields = Fields::within(place, value)?;
    fields.leave_out(&READ_ONLY);
    read(fields)
}

fn read(mut fields: Fields) -> Result<Association, ApiError> {
    let association = Association {
        resource_type: fields.name("name")?,
        prefix: fields.text("prefix", MAX_TEXT)?,
        properties_target: fields.text("properties_target", MAX_TEXT)?,
    };
    fields.end()?;
    Ok(association)
}

/// A type of resources that a namespace applies to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceTypeAssociation)]
pub(in crate::api::v2::metadefs) struct AssociationView {
    /// The type of resources.
    name: String,
    /// What stands before the name of a property on such a resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    /// Which of several sets of properties of such a resource is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    properties_target: Option<String>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Seconds,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Seconds,
}

impl From<Dated<Association>> for AssociationView {
    fn from(association: Dated<Association>) -> Self {
        let Dated {
            what:
                Association {
                    resource_type,
                    prefix,
                    properties_target,
                },
            created_at,
            updated_at,
        } = association;
        Self {
            name: resource_type.to_string(),
            prefix,
            properties_target,
            created_at: Seconds(created_at),
            updated_at: Seconds(updated_at),
        }
    }
}

/// The types of resources that a namespace applies to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceTypeAssociations)]
pub(in crate::api::v2::metadefs) struct AssociationListView {
    /// The associations.
    resource_type_associations: Vec<AssociationView>,
}

impl From<Vec<Dated<Association>>> for AssociationListView {
    fn from(associations: Vec<Dated<Association>>) -> Self {
        Self {
            resource_type_associations: associations.into_iter().map(Into::into).collect(),
        }
    }
}

/// A type of resources.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceType)]
struct ResourceTypeView {
    /// The name.
    name: String,
    /// When it came to be known.
    #[schema(value_type = String, format = DateTime)]
    created_at: Seconds,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Seconds,
}

/// The types of resources that some namespace ever applied to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceTypes)]
pub(in crate::api::v2::metadefs) struct ResourceTypeListView {
    /// The types.
    resource_types: Vec<ResourceTypeView>,
}

impl From<Vec<Dated<Name>>> for ResourceTypeListView {
    fn from(types: Vec<Dated<Name>>) -> Self {
        let view = |found: Dated<Name>| ResourceTypeView {
            name: found.what.to_string(),
            created_at: Seconds(found.created_at),
            updated_at: Seconds(found.updated_at),
        };
        Self {
            resource_types: types.into_iter().map(view).collect(),
        }
    }
}
