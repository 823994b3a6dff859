//! Keeping the registry clean: what crashes and deletions leave behind.

mod doomed;
mod leftovers;
mod orphans;

use std::sync::Arc;

pub use self::orphans::Orphans;
use crate::{
    db::Claim,
    domain::{ImageId, ImageStatus, StoreId},
    notify::{Event, TaskVerb},
    service::{Core, ServiceError},
    store::{Store, StoreError},
};

/// How many things one look takes up at most, so that no transaction and no list grows large.
const BATCH: u32 = 100;

/// Use cases that nobody asks for, but that keep the registry clean.
#[derive(Clone)]
pub struct Maintenance(Arc<Core>);

/// What a sweep found and removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Images whose upload had stopped, back in `queued`.
    pub abandoned: usize,
    /// Copies of deleted images, removed.
    pub copies: usize,
    /// Staged or unpublished bytes that no image waited for, removed.
    pub leftovers: usize,
    /// Records of tasks whose time was over, removed.
    pub tasks: usize,
    /// Verification jobs whose time was over, removed with their results.
    pub jobs: usize,
}

impl Maintenance {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// Puts images back whose upload has stopped, and removes what belongs to no image. Any
    /// number of processes may do so at a time.
    ///
    /// # Errors
    ///
    /// If the database or a store cannot be used; the next sweep goes on.
    #[tracing::instrument(name = "maintenance.sweep", level = "debug", skip_all)]
    pub async fn sweep(&self) -> Result<Swept, ServiceError> {
        let swept = Swept {
            abandoned: self.take_over().await?,
            copies: self.remove_doomed().await?,
            leftovers: self.remove_leftovers().await?,
            tasks: self.forget_tasks().await?,
            jobs: self.forget_jobs().await?,
        };
        self.0.tend_cache().await?;
        if swept != Swept::default() {
            tracing::info!(?swept, "the registry was swept");
        }
        Ok(swept)
    }

    /// Waits until everything that was begun for a client has ended. Nothing new may begin.
    pub async fn drain(&self) {
        self.0.work.close();
        self.0.work.wait().await;
        // What is not written down now is not known after the next start.
        if let Err(error) = self.0.tend_cache().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "it is not written down what happened in the image cache"
            );
        }
    }

    /// Ends uploads and stagings whose process no longer renews its claim.
    async fn take_over(&self) -> Result<usize, ServiceError> {
        let parts = &self.0.parts;
        let mut count = 0;
        loop {
            let (holder, now) = (parts.ids.next(), parts.clock.now());
            let mut tx = parts.db.begin().await?;
            let lapsed = tx
                .take_lapsed_claim(now, holder, now.plus(parts.settings.lease))
                .await?;
            tx.commit().await?;
            let Some(claim) = lapsed else {
                return Ok(count);
            };
            self.end(&claim).await?;
            count += 1;
        }
    }

    async fn end(&self, claim: &Claim) -> Result<(), ServiceError> {
        let id = claim.image_id;
        let (status, mut stores, bad) = {
            let mut session = self.0.parts.db.read().await?;
            (
                session.find_status(id).await?,
                session.list_stores_of(id).await?,
                session.list_bad_copies(id).await?,
            )
        };
        // An upload that became active released its claim in the same transaction, so what
        // lies in the stores of an image with a lapsed claim is nobody's. What has a location is
        // its image's, or goes when the deleted image's time has come.
        if stores.is_empty() && !status.is_some_and(ImageStatus::has_data) {
            self.clear(id).await?;
        }
        // A copy that is known to be bad was being made anew, and is to be still, also if it is not
        // there: nobody has taken it out.
        stores.retain(|store| !bad.contains(store));
        let missing = match status {
            Some(status) if status.has_data() => self.missing(id, stores).await,
            _ => Vec::new(),
        };
        let mut tx = self.0.begin_on(id).await?;
        if tx.release_claim(id, claim.holder).await? {
            if let Some(from @ (ImageStatus::Saving | ImageStatus::Uploading)) = status {
                let reason = ServiceError::Interrupted(
                    "the process that took the data in stopped before its end".into(),
                );
                self.0.abandon(&mut tx, id, from, &reason).await?;
            }
            for store in &missing {
                tx.remove_location(id, store).await?;
            }
            if !missing.is_empty() {
                self.0.emit_saved(&mut tx, id).await?;
            }
            tx.commit().await?;
            tracing::warn!(image.id = %id, "work on data whose process stopped was given up");
        }
        Ok(())
    }

    /// Of the stores that are said to hold an image, those from which whoever took it out removed
    /// the bytes, and died before the row said so. None, unless another store does hold them.
    async fn missing(&self, id: ImageId, mut stores: Vec<StoreId>) -> Vec<StoreId> {
        let mut held = 0;
        let mut missing = Vec::new();
        for store in stores.drain(..) {
            let Some(named) = self.0.parts.stores.get(store.as_str()) else {
                continue;
            };
            // What others have is there as far as anybody can tell.
            if named.external().is_some() {
                held += 1;
                continue;
            }
            match named.store.size(id).await {
                Ok(_) => held += 1,
                Err(StoreError::NotFound(_)) => missing.push(store),
                Err(_) => {}
            }
        }
        if held == 0 {
            missing.clear();
        }
        missing
    }

    /// Removes all bytes of an image that has none by right.
    async fn clear(&self, id: ImageId) -> Result<(), ServiceError> {
        for store in self.places() {
            store.delete_unpublished(id).await?;
            store.delete(id).await?;
        }
        Ok(())
    }

    async fn forget_tasks(&self) -> Result<usize, ServiceError> {
        let parts = &self.0.parts;
        let mut tx = parts.db.begin().await?;
        let expired = tx.delete_expired_tasks(parts.clock.now(), BATCH).await?;
        for task in &expired {
            self.0
                .emit(&mut tx, Event::Task(TaskVerb::Delete, task))
                .await?;
        }
        tx.commit().await?;
        Ok(expired.len())
    }

    async fn forget_jobs(&self) -> Result<usize, ServiceError> {
        let parts = &self.0.parts;
        let mut tx = parts.db.begin().await?;
        let count = tx.delete_expired_jobs(parts.clock.now(), BATCH).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// Every place that holds bytes: the stores and the staging area.
    fn places(&self) -> impl Iterator<Item = &Arc<dyn Store>> {
        let parts = &self.0.parts;
        let stores = parts.stores.iter().map(|named| &named.store);
        stores.chain([&parts.staging])
    }
}
