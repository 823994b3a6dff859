//! Published bytes that no image has by right.
//!
//! An upload or an import that fails takes its bytes back, but a store may be out of order just
//! then; what stays is in its place, and in no row. It is found by looking through the stores.
//! Only bytes of images that this registry has, or had, are its own to remove.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{BATCH, Maintenance};
use crate::{
    domain::{ImageId, ImageStatus},
    service::ServiceError,
    store::{NamedStore, StoreError},
};

/// How long it rests between two looks into the database, each for a batch of files.
const REST: Duration = Duration::from_millis(20);

/// How many files that are none of the registry's are named in the log.
const EXAMPLES: usize = 5;

/// What a look through the stores found of bytes that no image has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orphans {
    /// Those of images of this registry, removed.
    pub removed: usize,
    /// Those of images of this registry that are too young to tell, or cannot be removed now.
    pub left: usize,
    /// Those that are none of this registry's, and stay.
    pub foreign: usize,
}

/// What is done with bytes that are in no row.
enum Judgement {
    Removed,
    Left,
    /// They are somebody's, after all.
    Owned,
}

impl Maintenance {
    /// Looks through all stores, and removes what no image has by right: bytes older than a lease,
    /// of an image that has no copy there and that nobody works on. Any number of processes may do
    /// so at a time. Ends early when `stop` is called.
    ///
    /// # Errors
    ///
    /// If the database cannot be used. A store that cannot is passed over.
    #[tracing::instrument(name = "maintenance.orphans", level = "debug", skip_all)]
    pub async fn remove_orphans(&self, stop: &CancellationToken) -> Result<Orphans, ServiceError> {
        let mut all = Orphans::default();
        for named in self.0.parts.stores.iter() {
            match named.store.list().await {
                Ok(ids) => {
                    let ids: BTreeSet<_> = ids.into_iter().collect();
                    let ids: Vec<_> = ids.into_iter().collect();
                    self.look_through(named, &ids, stop, &mut all).await?;
                }
                Err(error) => told(named, None, &error.into()),
            }
        }
        if all.removed > 0 {
            tracing::warn!(orphans = ?all, "bytes that belonged to no image were removed");
        }
        Ok(all)
    }

    async fn look_through(
        &self,
        named: &NamedStore,
        ids: &[ImageId],
        stop: &CancellationToken,
        all: &mut Orphans,
    ) -> Result<(), ServiceError> {
        let mut foreign = Vec::new();
        for batch in ids.chunks(BATCH as usize) {
            if stop.is_cancelled() {
                break;
            }
            let mut session = self.0.parts.db.read().await?;
            let placed = session.list_placed(&named.id, batch).await?;
            let mut unplaced = Vec::new();
            for id in batch.iter().filter(|id| !placed.contains(id)) {
                unplaced.push((*id, session.find_status(*id).await?));
            }
            drop(session);
            for (id, status) in unplaced {
                let Some(status) = status else {
                    foreign.push(id);
                    continue;
                };
                match self.judge(named, id, status).await {
                    Ok(Judgement::Removed) => all.removed += 1,
                    Ok(Judgement::Left) => all.left += 1,
                    Ok(Judgement::Owned) => {}
                    Err(error) => {
                        told(named, Some(id), &error);
                        all.left += 1;
                    }
                }
            }
            sleep(REST).await;
        }
        report(named, &foreign);
        all.foreign += foreign.len();
        Ok(())
    }

    async fn judge(
        &self,
        named: &NamedStore,
        id: ImageId,
        status: ImageStatus,
    ) -> Result<Judgement, ServiceError> {
        let parts = &self.0.parts;
        let is_arriving = matches!(
            status,
            ImageStatus::Saving | ImageStatus::Uploading | ImageStatus::Importing
        );
        if is_arriving {
            return Ok(Judgement::Owned);
        }
        let is_old = match named.store.published_at(id).await {
            Ok(at) => at.is_some_and(|at| at.plus(parts.settings.lease) < parts.clock.now()),
            // Gone meanwhile, or a file whose name only begins with an id.
            Err(StoreError::NotFound(_)) => return Ok(Judgement::Owned),
            Err(error) => return Err(error.into()),
        };
        if !is_old {
            return Ok(Judgement::Left);
        }
        let mut session = parts.db.read().await?;
        let is_purged = session.is_purged(id).await?;
        drop(session);
        if is_purged {
            // Nobody can ever bring data of it again.
            named.store.delete(id).await?;
            return Ok(Judgement::Removed);
        }
        self.remove_orphan(named, id).await
    }

    /// Removes the bytes while nobody else may touch those of the image.
    async fn remove_orphan(
        &self,
        named: &NamedStore,
        id: ImageId,
    ) -> Result<Judgement, ServiceError> {
        let parts = &self.0.parts;
        let holder = parts.ids.next();
        let mut tx = self.0.begin_on(id).await?;
        if tx.live_task(id).await?.is_some() || tx.list_stores_of(id).await?.contains(&named.id) {
            return Ok(Judgement::Owned);
        }
        if !self.0.claim_image(&mut tx, id, holder).await? {
            return Ok(Judgement::Owned);
        }
        tx.commit().await?;
        let deleted = named.store.delete(id).await;
        let mut tx = self.0.begin_on(id).await?;
        tx.release_claim(id, holder).await?;
        tx.commit().await?;
        deleted?;
        tracing::info!(image.id = %id, store.id = %named.id, "bytes that no image had were removed");
        Ok(Judgement::Removed)
    }
}

fn report(named: &NamedStore, foreign: &[ImageId]) {
    if !foreign.is_empty() {
        let examples = &foreign[..foreign.len().min(EXAMPLES)];
        tracing::warn!(
            store.id = %named.id,
            count = foreign.len(),
            ?examples,
            "a store holds files that are named like images, but of none that this registry ever had"
        );
    }
}

fn told(named: &NamedStore, id: Option<ImageId>, error: &ServiceError) {
    tracing::warn!(
        store.id = %named.id,
        image.id = id.map(tracing::field::display),
        error = error as &dyn std::error::Error,
        "a store could not be looked through for bytes that no image has"
    );
}
