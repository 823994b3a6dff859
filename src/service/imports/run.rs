//! Running an import, by whoever holds its lease.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{ImportService, change::Change, marks::Marks};
use crate::{
    domain::{Image, ImageStatus, ImportMethod, StoreId, StoresNeeded, Task},
    service::{
        Core, ServiceError,
        data::{Arrived, Missed, Shortfall, Stored},
        lease,
    },
    store::NamedStore,
    stream::Progress,
};

impl ImportService {
    /// Takes the next import that waits, or whose worker has stopped, and runs it; `false` if
    /// there is none. One whose bytes are staged where this process has nothing is left to those
    /// that have it. When `stop` is called the import goes back to those that wait.
    ///
    /// # Errors
    ///
    /// If the database cannot be used: the import's lease then lapses, and it is taken again.
    #[tracing::instrument(name = "imports.run", level = "debug", skip_all)]
    pub async fn run_next(&self, stop: &CancellationToken) -> Result<bool, ServiceError> {
        let parts = &self.0.parts;
        let (holder, now) = (parts.ids.next(), parts.clock.now());
        let mut tx = parts.db.begin().await?;
        let task = tx
            .claim_task(holder, self.0.area(), now, now.plus(parts.settings.lease))
            .await?;
        if let Some(task) = &task {
            self.0.emit_taken_up(&mut tx, task).await?;
        }
        tx.commit().await?;
        let Some(task) = task else { return Ok(false) };
        tracing::info!(
            task.id = %task.id,
            image.id = %task.image_id,
            attempt = task.attempts,
            "an import begins"
        );
        Run::new(&self.0, holder, task).attempt(stop).await?;
        Ok(true)
    }
}

/// One attempt at an import.
pub(super) struct Run {
    pub(super) core: Arc<Core>,
    pub(super) holder: Uuid,
    pub(super) task: Task,
    pub(super) progress: Progress,
    /// What the bytes were made of, once they are known.
    pub(super) change: OnceLock<Change>,
}

/// How an attempt ended.
pub(super) enum Outcome {
    /// The bytes are in all stores; the image does not say so yet.
    Stored(Stored),
    /// The image was usable by the word of its location, and its bytes were read now.
    Confirmed(Stored),
    /// The image says which stores have the bytes; some may not, for a reason that another
    /// attempt would not change.
    Landed(Option<Shortfall>),
    /// No store has them, for such a reason.
    Failed(Shortfall),
    /// The lease is lost, or the image was deleted.
    Lost,
    /// This process stops.
    Stopped,
    /// The database cannot be used.
    Broken(ServiceError),
}

impl Run {
    /// An attempt of `holder`, who has the task's lease.
    pub(super) fn new(core: &Arc<Core>, holder: Uuid, task: Task) -> Self {
        Self {
            core: Arc::clone(core),
            holder,
            task,
            progress: Progress::default(),
            change: OnceLock::new(),
        }
    }

    async fn attempt(self, stop: &CancellationToken) -> Result<(), ServiceError> {
        let Some(image) = self.image().await? else {
            return self.end_deleted().await;
        };
        let outcome = tokio::select! {
            outcome = self.fill(&image) => outcome,
            () = self.hold() => Outcome::Lost,
            () = stop.cancelled() => Outcome::Stopped,
        };
        match outcome {
            Outcome::Stored(stored) => self.succeed(&stored).await,
            Outcome::Confirmed(stored) => self.confirm(&stored).await,
            Outcome::Landed(shortfall) => self.complete(shortfall.as_ref()).await,
            Outcome::Failed(shortfall) => self.fail(&shortfall).await,
            Outcome::Lost if self.image().await?.is_none() => self.end_deleted().await,
            Outcome::Lost => Ok(()),
            Outcome::Stopped => self.put_back().await,
            Outcome::Broken(error) => Err(error),
        }
    }

    /// The image, as long as it waits for this import or has bytes.
    pub(super) async fn image(&self) -> Result<Option<Image>, ServiceError> {
        let mut session = self.core.parts.db.read().await?;
        let image = session.find_image(self.task.image_id).await?;
        Ok(image.filter(|image| image.status == ImageStatus::Importing || image.status.has_data()))
    }

    async fn hold(&self) {
        let parts = &self.core.parts;
        let length = parts.settings.lease;
        let renew = async || {
            let now = parts.clock.now();
            let mut tx = parts.db.begin().await?;
            let message = self.copied();
            tx.note_task(self.task.id, self.holder, &message, now)
                .await?;
            let renewed = tx
                .renew_task(self.task.id, self.holder, now.plus(length))
                .await?;
            tx.commit().await?;
            Ok(renewed)
        };
        lease::hold(length, renew).await;
    }

    /// How far it has come, in Glance's words.
    pub(super) fn copied(&self) -> String {
        format!("Copied {} MiB", self.progress.bytes() >> 20)
    }

    /// How many of the stores must be filled. Of one store all are any, too.
    pub(super) fn needed(&self) -> StoresNeeded {
        match self.task.import.stores.as_slice() {
            [_] => StoresNeeded::All,
            _ => self.task.import.needed,
        }
    }

    /// Fills the stores that are still to be filled.
    async fn fill(&self, image: &Image) -> Outcome {
        if let ImportMethod::Location { .. } = &self.task.import.method {
            return self.register(image).await;
        }
        let (sinks, missed) = self.sinks(image).await;
        let arrived = match self.arrive(image, &sinks, missed).await {
            Ok(Some(arrived)) => arrived,
            Ok(None) => return Outcome::Landed(None),
            Err(shortfall) if self.has_landed(image) => {
                return Outcome::Landed(Some(shortfall));
            }
            Err(shortfall) => return Outcome::Failed(shortfall),
        };
        match self.needed() {
            StoresNeeded::All => {
                let published = self.core.publish(image.id, arrived).await;
                published.map_or_else(Outcome::Failed, Outcome::Stored)
            }
            StoresNeeded::Any => self.land_each(image, arrived).await,
        }
    }

    /// Whether an earlier attempt has filled a store.
    fn has_landed(&self, image: &Image) -> bool {
        let mut filled = image.locations.iter().map(|location| &location.store);
        filled.any(|store| self.task.import.stores.contains(store))
    }

    /// The stores that are still to be filled, cleared of what an earlier attempt left, which may
    /// have stopped anywhere; and those that cannot be cleared.
    async fn sinks(&self, image: &Image) -> (Vec<NamedStore>, Vec<Missed>) {
        let marks = Marks::of(image);
        let is_open = |store: &&StoreId| {
            !marks.has_failed(store) && image.locations.iter().all(|at| at.store != **store)
        };
        let (mut sinks, mut missed) = (Vec::new(), Vec::new());
        for id in self.task.import.stores.iter().filter(is_open) {
            match self.cleared(id).await {
                Ok(named) => sinks.push(named),
                Err(reason) => missed.push(Missed {
                    store: id.clone(),
                    reason,
                }),
            }
        }
        (sinks, missed)
    }

    /// The store, without bytes of the image.
    pub(super) async fn cleared(&self, id: &StoreId) -> Result<NamedStore, ServiceError> {
        let named = self
            .core
            .parts
            .stores
            .get(id.as_str())
            .ok_or(ServiceError::NotHere(
                "the store is not configured any more",
            ))?;
        named.store.delete(self.task.image_id).await?;
        named.store.delete_unpublished(self.task.image_id).await?;
        Ok(named.clone())
    }

    /// What stops its process each time is not tried for ever.
    pub(super) fn check_attempts(&self) -> Result<(), ServiceError> {
        let limit = self.core.parts.settings.max_attempts;
        if self.task.attempts <= limit {
            return Ok(());
        }
        Err(ServiceError::Interrupted(format!(
            "the import was begun {limit} times, and each time its process stopped"
        )))
    }

    /// Takes the bytes into `sinks`, aside; `None` if nothing is left to do. Stores that were
    /// `missed` already count as well.
    async fn arrive(
        &self,
        image: &Image,
        sinks: &[NamedStore],
        missed: Vec<Missed>,
    ) -> Result<Option<Arrived>, Shortfall> {
        if sinks.is_empty() && missed.is_empty() {
            return Ok(None);
        }
        self.check_attempts()?;
        if sinks.is_empty() || (self.needed() == StoresNeeded::All && !missed.is_empty()) {
            return Err(Shortfall::of(missed));
        }
        let (needed, progress) = (self.needed(), &self.progress);
        let arrived = if image.status == ImageStatus::Importing {
            self.bring_in(image, sinks).await
        } else {
            self.core.copy(image, sinks, needed, progress).await
        };
        match arrived {
            Ok(mut arrived) => {
                arrived.missed.extend(missed);
                Ok(Some(arrived))
            }
            Err(mut shortfall) => {
                if !shortfall.stores.is_empty() {
                    shortfall
                        .stores
                        .extend(missed.into_iter().map(|it| it.store));
                }
                Err(shortfall)
            }
        }
    }

    /// Publishes what arrived store by store, and writes each down at the image at once.
    async fn land_each(&self, image: &Image, arrived: Arrived) -> Outcome {
        let Arrived {
            verified,
            virtual_size,
            asides,
            mut missed,
        } = arrived;
        let mut landed = self.has_landed(image);
        for aside in asides {
            let (store, location) = (aside.store.id.clone(), aside.location(image.id));
            if let Err(reason) = aside.publish().await {
                self.core.take_back(image.id, &[location]).await;
                missed.push(Missed { store, reason });
                continue;
            }
            let stored = Stored {
                verified: verified.clone(),
                virtual_size,
                locations: vec![location],
            };
            match self.land(&stored, &missed).await {
                Ok(true) => landed = true,
                Ok(false) => return Outcome::Lost,
                Err(error) => return Outcome::Broken(error),
            }
        }
        let shortfall = (!missed.is_empty()).then(|| Shortfall::of(missed));
        match shortfall {
            Some(shortfall) if !landed => Outcome::Failed(shortfall),
            shortfall => Outcome::Landed(shortfall),
        }
    }
}
