//! What a namespace holds.

use crate::domain::metadef::{Definition, Name};

/// That the definitions of a namespace apply to a type of resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// The type of resources, such as `OS::Glance::Image`.
    pub resource_type: Name,
    /// What stands before the name of a property on a resource of this type; at most 80
    /// characters.
    pub prefix: Option<String>,
    /// Which of several sets of properties of such a resource is meant; at most 80 characters.
    pub properties_target: Option<String>,
}

/// The definition of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// The name, without the prefix of any association.
    pub name: Name,
    /// What its values may be.
    pub definition: Definition,
}

/// The definition of a group of properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The name.
    pub name: Name,
    /// What it is about, for people.
    pub description: Option<String>,
    /// The names of the properties that must be given.
    pub required: Vec<String>,
    /// The definitions of its properties, by their names.
    pub properties: Definition,
}

/// All that is in a namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// To what its definitions apply.
    pub associations: Vec<Association>,
    /// Single properties.
    pub properties: Vec<Property>,
    /// Groups of properties.
    pub objects: Vec<Object>,
    /// Tags that may be put on resources.
    pub tags: Vec<Name>,
}
