//! Metadata definitions: what the properties of images, flavors and volumes mean, for clients
//! that offer them to people.
//!
//! A [`Namespace`] holds definitions that belong together: single [`Property`]s, [`Object`]s
//! (groups of properties), tags, and [`Association`]s, which say to what types of resources they
//! apply. Nothing here changes what the registry does with an image.

mod contents;
mod definition;
mod name;
mod namespace;
mod query;

pub use self::{
    contents::{Association, Contents, Object, Property},
    definition::{Definition, TooLong},
    name::{InvalidName, Name},
    namespace::{Dated, Namespace, Tree, Visibility},
    query::{ItemField, ItemQuery, NamespaceField, NamespaceQuery, Sort},
};

/// How many properties, objects, tags and associations a namespace may have, of each.
pub const MAX_OF_A_KIND: usize = 500;
