//! Namespaces on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    association::{self, AssociationView},
    definition,
    fields::{Fields, invalid, unfit},
    object::{self, ObjectView},
    property,
    tag::{self, TagNameView},
};
use crate::{
    api::{
        error::ApiError,
        links::{Links, segment},
        time::Seconds,
    },
    domain::metadef::{Contents, Dated, Namespace, Property, Tree, Visibility},
    service::{ListedNamespace, NamespacePage},
};

/// A namespace: `namespace`, which is its name, `display_name`, `description`, `visibility`,
/// `protected`, `owner`, and what is in it.
#[derive(Debug, ToSchema)]
#[schema(as = DescribeNamespace, value_type = Object)]
pub(in crate::api::v2::metadefs) struct NamespaceBody(
    pub(in crate::api::v2::metadefs) Map<String, Value>,
);

impl NamespaceBody {
    /// The namespace, and what is in it.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the first field that is not what it may be,
    /// [`ApiError::ReadOnly`].
    pub(in crate::api::v2::metadefs) fn into_namespace(
        self,
    ) -> Result<(Namespace, Contents), ApiError> {
        let mut fields = Fields::of_body(self.0);
        fields.refuse_read_only(&["self", "schema", "created_at", "updated_at"])?;
        let namespace = Namespace {
            name: fields.name("namespace")?,
            display_name: fields.text("display_name", 80)?,
            description: fields.text("description", 500)?,
            visibility: visibility(&mut fields)?,
            protected: fields.flag("protected")?.unwrap_or_default(),
            owner: fields.text("owner", 255)?,
        };
        let contents = contents(&mut fields)?;
        fields.end()?;
        Ok((namespace, contents))
    }
}

fn visibility(fields: &mut Fields) -> Result<Visibility, ApiError> {
    match fields.take("visibility") {
        None => Ok(Visibility::default()),
        Some(Value::String(word)) => word.parse().map_err(|error| invalid("visibility", error)),
        Some(other) => Err(unfit("visibility", &other, "public or private")),
    }
}

fn contents(fields: &mut Fields) -> Result<Contents, ApiError> {
    let associations = fields.list("resource_type_associations")?.into_iter();
    let objects = fields.list("objects")?.into_iter();
    let properties = property::by_name(fields)?.into_iter();
    Ok(Contents {
        associations: associations
            .map(|(place, value)| association::nested(&place, value))
            .collect::<Result<_, _>>()?,
        properties: properties
            .map(|property| {
                let definition = definition::kept(&property.place, property.definition)?;
                let name = property.name;
                Ok(Property { name, definition })
            })
            .collect::<Result<_, ApiError>>()?,
        objects: objects
            .map(|(place, value)| object::nested(&place, value))
            .collect::<Result<_, _>>()?,
        tags: tag::names(fields)?,
    })
}

/// A namespace of metadata definitions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Namespace)]
pub(in crate::api::v2::metadefs) struct NamespaceView {
    /// The name.
    namespace: String,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// `public` or `private`.
    visibility: &'static str,
    /// Whether neither it nor anything in it can be deleted.
    protected: bool,
    /// The project that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Seconds,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Seconds,
    /// The types of resources it applies to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_type_associations: Vec<AssociationView>,
    /// The definitions of single properties, by their names.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
    /// The definitions of groups of properties.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    objects: Vec<ObjectView>,
    /// The tags it suggests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<TagNameView>,
    /// The path of the namespace.
    #[serde(rename = "self")]
    self_link: String,
    /// The path of the schema of namespaces.
    schema: &'static str,
}

impl NamespaceView {
    /// A namespace with all that is in it, as it applies to a type of resources: with the prefix
    /// of the association, if there is one, before the names of properties.
    pub(in crate::api::v2::metadefs) fn of_tree(tree: Tree, resource_type: Option<&str>) -> Self {
        let Tree {
            namespace,
            associations,
            properties,
            objects,
            tags,
        } = tree;
        let applied = associations
            .iter()
            .map(|association| &association.what)
            .find(|association| Some(association.resource_type.as_str()) == resource_type);
        let prefix = applied
            .and_then(|association| association.prefix.clone())
            .unwrap_or_default();
        let name = namespace.what.name.clone();
        let view = |object| ObjectView::new(&name, object, &prefix);
        Self {
            resource_type_associations: associations.into_iter().map(Into::into).collect(),
            properties: property::shown(properties, &prefix),
            objects: objects.into_iter().map(view).collect(),
            tags: tags.into_iter().map(|tag| tag.what.into()).collect(),
            ..Self::from(namespace)
        }
    }

    /// The path of the namespace.
    pub(in crate::api::v2::metadefs) fn path(&self) -> &str {
        &self.self_link
    }
}

/// The namespace, without what is in it.
impl From<Dated<Namespace>> for NamespaceView {
    fn from(namespace: Dated<Namespace>) -> Self {
        let Dated {
            what,
            created_at,
            updated_at,
        } = namespace;
        let Namespace {
            name,
            display_name,
            description,
            visibility,
            protected,
            owner,
        } = what;
        Self {
            self_link: format!("/v2/metadefs/namespaces/{}", segment(name.as_str())),
            namespace: name.to_string(),
            display_name,
            description,
            visibility: visibility.as_str(),
            protected,
            owner,
            created_at: Seconds(created_at),
            updated_at: Seconds(updated_at),
            resource_type_associations: Vec::new(),
            properties: Map::new(),
            objects: Vec::new(),
            tags: Vec::new(),
            schema: "/v2/schemas/metadefs/namespace",
        }
    }
}

/// A page of namespaces.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Namespaces)]
pub(in crate::api::v2::metadefs) struct NamespaceListView {
    /// The namespaces, with the types of resources they apply to.
    namespaces: Vec<NamespaceView>,
    /// The path of the first page.
    first: String,
    /// The path of the next page, unless this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The path of the schema of lists of namespaces.
    schema: &'static str,
}

impl NamespaceListView {
    /// The page with its links.
    pub(in crate::api::v2::metadefs) fn new(page: NamespacePage, links: &Links) -> Self {
        let NamespacePage { namespaces, next } = page;
        let view = |listed: ListedNamespace| NamespaceView {
            resource_type_associations: listed.associations.into_iter().map(Into::into).collect(),
            ..NamespaceView::from(listed.namespace)
        };
        Self {
            namespaces: namespaces.into_iter().map(view).collect(),
            first: links.first(),
            next: next.map(|marker| links.next(marker.as_str())),
            schema: "/v2/schemas/metadefs/namespaces",
        }
    }
}
