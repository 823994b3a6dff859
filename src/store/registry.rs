//! The stores of a deployment.

use std::{ops::Range, sync::Arc};

use crate::{
    domain::StoreId,
    store::{External, Registered, Store, StoreError},
    stream::Outgoing,
};

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

impl NamedStore {
    /// The places of others that the store reads; none if it holds bytes itself.
    #[must_use]
    pub fn external(&self) -> Option<&dyn External> {
        self.store.external()
    }

    /// The bytes in `range` of what the store has of an image, or at least those: what others have
    /// is read on to its end.
    ///
    /// # Errors
    ///
    /// As [`Store::open`] and [`External::open`].
    pub async fn open(
        &self,
        bytes: Registered<'_>,
        range: Range<u64>,
    ) -> Result<Outgoing, StoreError> {
        match self.external() {
            Some(external) => external.open(bytes, range.start).await,
            None => self.store.open(bytes.image, range).await,
        }
    }
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
