//! The stores themselves: how they are set up, and what is taken out of one of them.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::Transaction,
    domain::{Caller, Image, ImageId, ImageStatus, Location, StoreId},
    policy::{Action, Target},
    service::{Core, ServiceError},
    store::NamedStore,
};

/// How a store is set up.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreDetails {
    /// The id.
    pub id: StoreId,
    /// What the operator says of it.
    pub description: Option<String>,
    /// Whether it is the one that is used when none is named.
    pub is_default: bool,
    /// Whether it only reads what others have.
    pub is_read_only: bool,
    /// What kind of store it is.
    pub kind: &'static str,
    /// The greater, the sooner it is read from.
    pub weight: i64,
    /// What is particular to its kind.
    pub properties: BTreeMap<&'static str, Value>,
}

/// Use cases of stores.
#[derive(Clone)]
pub struct StoreService(Arc<Core>);

impl StoreService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// How the stores are set up, best first.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NotHere`] unless several can be told apart (`enabled_backends`).
    #[tracing::instrument(name = "stores.details", level = "debug", skip_all)]
    pub fn details(&self, caller: &Caller) -> Result<Vec<StoreDetails>, ServiceError> {
        let parts = &self.0.parts;
        self.check_named()?;
        let target = Target::none(caller);
        parts
            .policy
            .check(caller, Action::StoresInfoDetail, &target)?;
        let details = parts.stores.iter().map(|named| StoreDetails {
            id: named.id.clone(),
            description: named.description.clone(),
            is_default: named.id == *parts.stores.default_id(),
            is_read_only: named.external().is_some(),
            kind: named.store.kind(),
            weight: named.weight,
            properties: named.store.properties(),
        });
        Ok(details.collect())
    }

    /// Takes an image out of a store; other stores go on holding it. Once begun it runs to its
    /// end, also when the client goes away.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Conflict`] if there is no such store, if the image is not active or is
    /// being copied, or if something uses the bytes; [`ServiceError::Forbidden`] if no other store
    /// holds it; [`ServiceError::NoSuchCopy`] if this one does not.
    #[tracing::instrument(name = "stores.delete_copy", level = "debug", skip_all, fields(image.id = %id, store.id = store))]
    pub async fn delete_copy(
        &self,
        caller: &Caller,
        store: &str,
        id: ImageId,
    ) -> Result<(), ServiceError> {
        self.check_named()?;
        let core = &self.0;
        let holder = core.parts.ids.next();
        let mut tx = core.begin_on(id).await?;
        let action = Action::DeleteImageLocation;
        let image = core.permitted(&mut tx, caller, id, action).await?.image;
        let named = self.copy_to_delete(&image, store)?;
        if tx.live_task(id).await?.is_some() {
            return Err(ServiceError::Conflict("Image has active task".into()));
        }
        if !core.claim_image(&mut tx, id, holder).await? {
            return Err(ServiceError::Raced(id));
        }
        tx.commit().await?;
        let removal = Removal {
            core: Arc::clone(core),
            store: named,
            id,
            holder,
        };
        core.run_to_end(removal.run()).await
    }

    fn check_named(&self) -> Result<(), ServiceError> {
        if self.0.parts.stores_are_named {
            return Ok(());
        }
        Err(ServiceError::NotHere(
            "several stores are not configured here",
        ))
    }

    /// The store that holds the image, and is not the only one.
    fn copy_to_delete(&self, image: &Image, store: &str) -> Result<NamedStore, ServiceError> {
        let named = self
            .0
            .parts
            .stores
            .get(store)
            .ok_or_else(|| ServiceError::Conflict(format!("Invalid store '{store}'")))?;
        if image.status != ImageStatus::Active {
            return Err(ServiceError::Conflict(format!(
                "the data of an image in status {} cannot be taken out of a store",
                image.status
            )));
        }
        let is_there = |at: &&Location| at.store == named.id;
        let there = image.locations.iter().filter(is_there).count();
        if image.locations.len() == there.max(1) {
            return Err(ServiceError::Forbidden(
                "Cannot delete image data from the only store containing it. Consider deleting \
                 the image instead."
                    .into(),
            ));
        }
        if there == 0 {
            return Err(ServiceError::NoSuchCopy {
                image: image.id,
                store: named.id.clone(),
            });
        }
        Ok(named.clone())
    }
}

/// A copy that goes, while nobody else touches the image's bytes.
struct Removal {
    core: Arc<Core>,
    store: NamedStore,
    id: ImageId,
    holder: Uuid,
}

impl Removal {
    async fn run(self) -> Result<(), ServiceError> {
        let deleted = tokio::select! {
            deleted = self.store.store.delete(self.id) => deleted.map_err(ServiceError::from),
            () = self.core.hold_claim(self.id, self.holder) => Err(ServiceError::Raced(self.id)),
        };
        let mut tx = self.core.begin_on(self.id).await?;
        if !tx.release_claim(self.id, self.holder).await? {
            return Err(ServiceError::Raced(self.id));
        }
        if deleted.is_ok() {
            self.forget(&mut tx).await?;
        }
        tx.commit().await?;
        deleted
    }

    /// The image is not in the store any more.
    async fn forget(&self, tx: &mut Transaction) -> Result<(), ServiceError> {
        let Some(image) = tx.find_image(self.id).await? else {
            // Deleted meanwhile: what is left of its locations goes with it.
            return Ok(());
        };
        let mut locations = image.locations;
        locations.retain(|location| location.store != self.store.id);
        let now = self.core.parts.clock.now();
        tx.save_locations(self.id, &locations, now).await?;
        self.core.emit_saved(tx, self.id).await
    }
}
