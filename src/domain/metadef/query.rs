//! What a list of namespaces, objects or tags is to hold, and in which order.

use crate::domain::{
    Direction,
    metadef::{Name, Visibility},
};

/// What a list is sorted by. Things that are equal under it are sorted by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<F> {
    /// The attribute.
    pub field: F,
    /// The direction.
    pub direction: Direction,
}

/// What namespaces can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamespaceField {
    /// `namespace`
    Name,
    /// `display_name`
    DisplayName,
    /// `visibility`
    Visibility,
    /// `owner`
    Owner,
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
}

/// What the objects and the tags of a namespace can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemField {
    /// `name`
    Name,
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
}

/// A page of a list of namespaces. All that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceQuery {
    /// Who may see them.
    pub visibility: Option<Visibility>,
    /// Whether they are protected.
    pub protected: Option<bool>,
    /// The types of resources, to one of which they apply.
    pub resource_types: Option<Vec<String>>,
    /// The order.
    pub sort: Sort<NamespaceField>,
    /// The last namespace of the page before.
    pub marker: Option<Name>,
    /// How many at most.
    pub limit: u32,
}

/// A page of the objects or tags of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemQuery {
    /// The order.
    pub sort: Sort<ItemField>,
    /// The last one of the page before.
    pub marker: Option<Name>,
    /// How many at most.
    pub limit: u32,
}
