//! What this registry offers.

use std::sync::Arc;

use crate::{
    domain::{Algorithm, KnownAlgorithm, StoreId, Strength},
    service::{Core, HashingSettings},
};

/// A store, as users see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreInfo {
    /// The id.
    pub id: StoreId,
    /// What the operator says of it.
    pub description: Option<String>,
    /// Whether it is the one that is used when none is named.
    pub is_default: bool,
    /// Whether it only reads what others have.
    pub is_read_only: bool,
}

/// What this registry offers. It is the same for every caller.
#[derive(Clone)]
pub struct Discovery(Arc<Offer>);

struct Offer {
    import_methods: Vec<String>,
    stores: Option<Vec<StoreInfo>>,
    has_cache: bool,
    hashing: HashingSettings,
    algorithms: Vec<KnownAlgorithm>,
    disk_formats: Vec<String>,
    container_formats: Vec<String>,
}

impl Discovery {
    pub(super) fn new(core: &Core) -> Self {
        let parts = &core.parts;
        let stores = parts.stores.iter().map(|store| StoreInfo {
            id: store.id.clone(),
            description: store.description.clone(),
            is_default: store.id == *parts.stores.default_id(),
            is_read_only: store.external().is_some(),
        });
        Self(Arc::new(Offer {
            import_methods: parts.settings.import_methods.clone(),
            stores: parts.stores_are_named.then(|| stores.collect()),
            has_cache: parts.cache.is_some(),
            hashing: parts.settings.hashing.clone(),
            algorithms: parts.hashers.known(),
            disk_formats: parts.settings.disk_formats.clone(),
            container_formats: parts.settings.container_formats.clone(),
        }))
    }

    /// The import methods that are open, in the words of the API.
    #[must_use]
    pub fn import_methods(&self) -> &[String] {
        &self.0.import_methods
    }

    /// The stores, best first; none unless several can be told apart (`enabled_backends`).
    #[must_use]
    pub fn stores(&self) -> Option<&[StoreInfo]> {
        self.0.stores.as_deref()
    }

    /// Whether this node has an image cache.
    #[must_use]
    pub fn has_cache(&self) -> bool {
        self.0.has_cache
    }

    /// The algorithm of `os_hash_value` when the owner chose none.
    #[must_use]
    pub fn default_algorithm(&self) -> &Algorithm {
        &self.0.hashing.default
    }

    /// What digests of `algorithm` prove; nothing is known of one that is not implemented.
    #[must_use]
    pub fn strength(&self, algorithm: &Algorithm) -> Option<Strength> {
        let known = self.0.algorithms.iter();
        known
            .filter(|known| known.algorithm == *algorithm)
            .map(|known| known.strength)
            .next()
    }

    /// The algorithms an owner may choose.
    #[must_use]
    pub fn allowed_algorithms(&self) -> &[Algorithm] {
        &self.0.hashing.allowed
    }

    /// The disk formats an image may have.
    #[must_use]
    pub fn disk_formats(&self) -> &[String] {
        &self.0.disk_formats
    }

    /// The container formats an image may have.
    #[must_use]
    pub fn container_formats(&self) -> &[String] {
        &self.0.container_formats
    }
}
