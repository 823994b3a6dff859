//! Metadata definitions on the wire: what is read is checked against their schemas, to the last
//! key.

mod association;
mod definition;
mod fields;
mod namespace;
mod object;
mod property;
mod tag;

pub(super) use self::{
    association::{AssociationBody, AssociationListView, AssociationView, ResourceTypeListView},
    namespace::{NamespaceBody, NamespaceListView, NamespaceView},
    object::{ObjectBody, ObjectListView, ObjectView},
    property::{PropertyBody, PropertyListView, PropertyView},
    tag::{TagBody, TagListBody, TagListView, TagView},
};
