//! Running an import, by whoever holds its lease.

use std::{io, sync::Arc};

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::ImportService;
use crate::{
    domain::{Image, ImageStatus, ImportMethod, StoreId, Task},
    fetch::FetchError,
    service::{
        Core, ServiceError,
        data::{Copy, Promised, Terms},
        figures::Occasion,
        lease,
        quota::{Arrival, Meter, Purpose},
    },
    store::NamedStore,
    stream::{Incoming, Interrupted, Progress},
};

impl ImportService {
    /// Takes the next import that waits, or whose worker has stopped, and runs it; `false` if
    /// there is none. When `stop` is called the import goes back to those that wait.
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
            .claim_task(holder, now, now.plus(parts.settings.lease))
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
        let run = Run {
            core: Arc::clone(&self.0),
            holder,
            task,
            progress: Progress::default(),
        };
        run.attempt(stop).await?;
        Ok(true)
    }
}

/// One attempt at an import.
pub(super) struct Run {
    pub(super) core: Arc<Core>,
    pub(super) holder: Uuid,
    pub(super) task: Task,
    progress: Progress,
}

/// How an attempt ended.
enum Outcome {
    /// The bytes are in the store.
    Stored(Copy),
    /// They are not, for a reason that another attempt would not change.
    Failed(ServiceError),
    /// The lease is lost, or the image was deleted.
    Lost,
    /// This process stops.
    Stopped,
}

impl Run {
    async fn attempt(self, stop: &CancellationToken) -> Result<(), ServiceError> {
        let Some(image) = self.image().await? else {
            return self.end_deleted().await;
        };
        let outcome = tokio::select! {
            done = self.bring_in(&image) => done.map_or_else(Outcome::Failed, Outcome::Stored),
            () = self.hold() => Outcome::Lost,
            () = stop.cancelled() => Outcome::Stopped,
        };
        match outcome {
            Outcome::Stored(copy) => self.succeed(&image, &copy).await,
            Outcome::Failed(reason) => self.fail(&reason).await,
            Outcome::Lost if self.image().await?.is_none() => self.end_deleted().await,
            Outcome::Lost => Ok(()),
            Outcome::Stopped => self.put_back().await,
        }
    }

    /// The image, as long as it waits for this import.
    async fn image(&self) -> Result<Option<Image>, ServiceError> {
        let mut session = self.core.parts.db.read().await?;
        let image = session.find_image(self.task.image_id).await?;
        Ok(image.filter(|image| image.status == ImageStatus::Importing))
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

    async fn bring_in(&self, image: &Image) -> Result<Copy, ServiceError> {
        let limit = self.core.parts.settings.max_attempts;
        if self.task.attempts > limit {
            return Err(ServiceError::Interrupted(format!(
                "the import was begun {limit} times, and each time its process stopped"
            )));
        }
        let store = self.store()?;
        self.clear(store).await?;
        let said = self.task.import.expected.clone();
        let digests = self.core.expected(image, "the import", said)?;
        let kept = self.task.import.certificate.as_ref();
        let signature = self.core.signature_of(image, kept)?;
        let (source, size) = self.source(image).await?;
        let promised = Promised {
            occasion: Occasion::Import,
            size,
            digests,
            signature,
        };
        let terms = Terms {
            progress: self.progress.clone(),
            meter: self.meter(image, size).await?,
            ..self.core.terms(image, promised)
        };
        self.core.take_in(source, store, &terms).await
    }

    /// What reserves the bytes of a download, if their number is limited by a quota. Those that
    /// were staged have been reserved since the import was accepted.
    async fn meter(&self, image: &Image, size: Option<u64>) -> Result<Option<Meter>, ServiceError> {
        let parts = &self.core.parts;
        if self.task.import.method == ImportMethod::GlanceDirect || !self.core.has_quotas() {
            return Ok(None);
        }
        let quotas = self.core.quotas(self.task.owner.as_deref()).await?;
        let arrival = Arrival {
            image: image.id,
            holder: self.holder,
            purpose: Purpose::Download,
            size,
        };
        let mut tx = parts.db.begin().await?;
        tx.lock_image(image.id).await?;
        if tx.find_status(image.id).await? != Some(ImageStatus::Importing) {
            return Err(ServiceError::Gone(image.id));
        }
        let owner = image.owner.as_deref();
        let meter = quotas.reserve(&parts.db, &mut tx, owner, arrival).await?;
        tx.commit().await?;
        Ok(meter)
    }

    /// The store that is to hold the bytes.
    pub(super) fn store(&self) -> Result<&NamedStore, ServiceError> {
        let id = self.task.import.stores.first().map(StoreId::as_str);
        id.and_then(|id| self.core.parts.stores.get(id))
            .ok_or(ServiceError::NotHere(
                "the store is not configured any more",
            ))
    }

    /// Removes what an earlier attempt left, which may have stopped anywhere.
    async fn clear(&self, store: &NamedStore) -> Result<(), ServiceError> {
        store.store.delete(self.task.image_id).await?;
        Ok(store.store.delete_unpublished(self.task.image_id).await?)
    }

    /// The bytes to bring in, and their number where it is known.
    async fn source(&self, image: &Image) -> Result<(Incoming, Option<u64>), ServiceError> {
        let parts = &self.core.parts;
        match &self.task.import.method {
            ImportMethod::GlanceDirect => {
                let size = parts.staging.size(image.id).await?;
                let staged = parts.staging.open(image.id, 0..size).await?;
                let staged = staged.map(|frame| frame.map_err(unreadable));
                Ok((Box::pin(staged), image.size))
            }
            ImportMethod::WebDownload { uri } => {
                let url = parts.fetcher.check(uri).map_err(FetchError::Refused);
                let opened = match url {
                    Ok(url) => parts.fetcher.open(url, parts.settings.image_size_cap).await,
                    Err(refused) => Err(refused),
                };
                let download =
                    opened.map_err(|error| ServiceError::Interrupted(error.to_string()))?;
                let size = download.size();
                Ok((download.into_incoming(), size))
            }
        }
    }
}

fn unreadable(error: io::Error) -> Interrupted {
    Interrupted::Source(error.into())
}
