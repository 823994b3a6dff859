//! The stores of a deployment.

use std::sync::Arc;

use crate::{domain::StoreId, store::Store};

/// A store, and what the operator says of it.
#[derive(Clone)]
pub struct NamedStore {
    /// The id.
    pub id: StoreId,
    /// A description for users.
    pub description: Option<String>,
    /// The greater, the sooner it is read from.
    pub weight: i64,
    /// The store itself.
    pub store: Arc<dyn Store>,
}

/// The stores of a deployment, best first: by weight, then by name.
#[derive(Clone)]
pub struct Stores {
    stores: Vec<NamedStore>,
    default: StoreId,
}

impl Stores {
    /// The stores given, of which `default` is used when none is named. `None` if it is not
    /// among them.
    #[must_use]
    pub fn new(mut stores: Vec<NamedStore>, default: StoreId) -> Option<Self> {
        stores.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.id.cmp(&b.id)));
        stores
            .iter()
            .any(|store| store.id == default)
            .then_some(Self { stores, default })
    }

    /// The store of that name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&NamedStore> {
        self.stores.iter().find(|store| store.id.as_str() == id)
    }

    /// Where the store stands among the others: 0 is the best. One that is not configured any
    /// more stands behind all of them.
    #[must_use]
    pub fn rank(&self, id: &StoreId) -> usize {
        let found = self.stores.iter().position(|store| store.id == *id);
        found.unwrap_or(self.stores.len())
    }

    /// The id of the store that is used when none is named.
    #[must_use]
    pub const fn default_id(&self) -> &StoreId {
        &self.default
    }

    /// All of them, best first.
    pub fn iter(&self) -> impl Iterator<Item = &NamedStore> {
        self.stores.iter()
    }
}
