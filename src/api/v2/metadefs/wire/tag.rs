//! Tags of namespaces on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::fields::Fields;
use crate::{
    api::{error::ApiError, time::Seconds},
    domain::metadef::{Dated, Name},
};

/// What an answer has and only the registry sets.
const READ_ONLY: [&str; 2] = ["created_at", "updated_at"];

/// The new name of a tag.
#[derive(Debug, ToSchema)]
#[schema(as = RenameTag, value_type = Object)]
pub(in crate::api::v2::metadefs) struct TagBody(
    pub(in crate::api::v2::metadefs) Map<String, Value>,
);

impl TagBody {
    /// The name.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] if it is none, or there is more; [`ApiError::ReadOnly`].
    pub(in crate::api::v2::metadefs) fn into_name(self) -> Result<Name, ApiError> {
        let fields = Fields::of_body(self.0);
        fields.refuse_read_only(&READ_ONLY)?;
        read(fields)
    }
}

/// The names of tags: `tags`, a list of objects with a `name`.
#[derive(Debug, ToSchema)]
#[schema(as = SetTags, value_type = Object)]
pub(in crate::api::v2::metadefs) struct TagListBody(
    pub(in crate::api::v2::metadefs) Map<String, Value>,
);

impl TagListBody {
    /// The names.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the first that is not what it may be, [`ApiError::ReadOnly`].
    pub(in crate::api::v2::metadefs) fn into_names(self) -> Result<Vec<Name>, ApiError> {
        let mut fields = Fields::of_body(self.0);
        fields.refuse_read_only(&READ_ONLY)?;
        let names = names(&mut fields)?;
        fields.end()?;
        Ok(names)
    }
}

/// Reads the tags that stand in a namespace, or in a list of tags.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the first that is not what it may be.
pub(super) fn names(fields: &mut Fields) -> Result<Vec<Name>, ApiError> {
    let nested = |(place, value): (String, Value)| {
        let mut fields = Fields::within(&place, value)?;
        fields.leave_out(&READ_ONLY);
        read(fields)
    };
    fields.list("tags")?.into_iter().map(nested).collect()
}

fn read(mut fields: Fields) -> Result<Name, ApiError> {
    let name = fields.name("name")?;
    fields.end()?;
    Ok(name)
}

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamespaceTag)]
pub(in crate::api::v2::metadefs) struct TagView {
    /// The name.
    name: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Seconds,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Seconds,
}

impl From<Dated<Name>> for TagView {
    fn from(tag: Dated<Name>) -> Self {
        let Dated {
            what,
            created_at,
            updated_at,
        } = tag;
        Self {
            name: what.to_string(),
            created_at: Seconds(created_at),
            updated_at: Seconds(updated_at),
        }
    }
}

/// A tag of a list, of which only the name is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamespaceTagName)]
pub(super) struct TagNameView {
    /// The name.
    name: String,
}

impl From<Name> for TagNameView {
    fn from(name: Name) -> Self {
        Self {
            name: name.to_string(),
        }
    }
}

/// Tags of a namespace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamespaceTags)]
pub(in crate::api::v2::metadefs) struct TagListView {
    /// The tags.
    tags: Vec<TagNameView>,
}

impl FromIterator<Name> for TagListView {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> Self {
        Self {
            tags: names.into_iter().map(TagNameView::from).collect(),
        }
    }
}
