//! What an image says of the stores that its imports fill: which are still to come, and which
//! could not be filled.

use crate::{
    db::Transaction,
    domain::{Image, StoreId, property_names},
    service::ServiceError,
};

/// What an image says of the stores that its imports fill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marks {
    importing: Vec<String>,
    failed: Vec<String>,
}

impl Marks {
    pub(super) fn of(image: &Image) -> Self {
        let stores = |name: &str| {
            let text = image.properties.get(name).and_then(Option::as_deref);
            let ids = text.unwrap_or_default().split(',');
            ids.filter(|id| !id.is_empty()).map(str::to_owned).collect()
        };
        Self {
            importing: stores(property_names::IMPORTING_TO_STORES),
            failed: stores(property_names::FAILED_IMPORT),
        }
    }

    /// The stores are to be filled.
    pub(super) fn begin(&mut self, stores: &[StoreId]) {
        self.importing = stores.iter().map(StoreId::to_string).collect();
        let is_to_come = |id: &String| stores.iter().any(|store| store.as_str() == id);
        self.failed.retain(|id| !is_to_come(id));
    }

    /// The store is filled.
    pub(super) fn filled(&mut self, store: &StoreId) {
        self.importing.retain(|id| id != store.as_str());
    }

    /// The store could not be filled.
    pub(super) fn failed(&mut self, store: &StoreId) {
        self.filled(store);
        if !self.has_failed(store) {
            self.failed.push(store.to_string());
        }
    }

    /// How many stores are still to be filled.
    pub(super) fn to_come(&self) -> u64 {
        self.importing.len() as u64
    }

    /// None of the stores that are still to come could be filled.
    pub(super) fn fail_rest(&mut self) {
        let rest = std::mem::take(&mut self.importing);
        self.failed.extend(rest);
    }

    /// No store is to be filled any more.
    pub(super) fn end(&mut self) {
        self.importing.clear();
    }

    pub(super) fn has_failed(&self, store: &StoreId) -> bool {
        self.failed.iter().any(|id| id == store.as_str())
    }

    /// Writes them to the image, within `tx`.
    pub(super) async fn save(
        &self,
        tx: &mut Transaction,
        image: &Image,
    ) -> Result<(), ServiceError> {
        for (name, stores) in [
            (property_names::IMPORTING_TO_STORES, &self.importing),
            (property_names::FAILED_IMPORT, &self.failed),
        ] {
            tx.set_property(image.id, name, Some(&stores.join(",")))
                .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(id: &str) -> StoreId {
        id.parse().expect("a store")
    }

    #[test]
    fn a_store_is_either_to_come_or_filled_or_failed() {
        let mut marks = Marks {
            importing: Vec::new(),
            failed: vec!["old".into(), "a".into()],
        };
        marks.begin(&[store("a"), store("b"), store("c")]);
        assert_eq!(marks.importing, ["a", "b", "c"]);
        assert_eq!(marks.failed, ["old"]);
        marks.filled(&store("a"));
        marks.failed(&store("b"));
        marks.failed(&store("b"));
        assert_eq!(marks.importing, ["c"]);
        assert_eq!(marks.failed, ["old", "b"]);
        marks.end();
        assert_eq!(marks.importing, [""; 0]);
    }
}
