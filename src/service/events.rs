//! Writing down what other services are to be told, within the transaction that it is about.

use crate::{
    db::Transaction,
    domain::{ImageId, ImageStatus, StoreId, Task, TaskId, TaskKind, TaskStatus},
    notify::{Event, ImageVerb, TaskVerb},
    service::{Core, ServiceError},
};

impl Core {
    /// Puts `event` into the outbox, if anybody is to be told: it is delivered once `tx` is
    /// committed, and never if it is not.
    pub(super) async fn emit(
        &self,
        tx: &mut Transaction,
        event: Event<'_>,
    ) -> Result<(), ServiceError> {
        let parts = &self.parts;
        let made = parts
            .notifier
            .compose(&event, parts.clock.now(), || parts.ids.next());
        match made {
            Some(notification) => Ok(tx.insert_notification(&notification).await?),
            None => Ok(()),
        }
    }

    /// The image was saved: it is told as `tx` sees it.
    pub(super) async fn emit_saved(
        &self,
        tx: &mut Transaction,
        id: ImageId,
    ) -> Result<(), ServiceError> {
        self.emit_image(tx, id, &[ImageVerb::Update]).await
    }

    /// The image waits for bytes, which are about to go to `store`; none: to the staging area.
    pub(super) async fn emit_begun(
        &self,
        tx: &mut Transaction,
        id: ImageId,
        store: Option<&StoreId>,
    ) -> Result<(), ServiceError> {
        if !self.parts.notifier.is_on() {
            return Ok(());
        }
        let Some(image) = tx.find_image(id).await? else {
            return Ok(());
        };
        self.emit(tx, Event::Image(ImageVerb::Update, &image))
            .await?;
        match store {
            Some(store) => self.emit(tx, Event::Prepare(&image, store)).await,
            None => Ok(()),
        }
    }

    /// The bytes are in a store, and the image is active.
    pub(super) async fn emit_activated(
        &self,
        tx: &mut Transaction,
        id: ImageId,
    ) -> Result<(), ServiceError> {
        let verbs = [ImageVerb::Upload, ImageVerb::Activate, ImageVerb::Update];
        self.emit_image(tx, id, &verbs).await
    }

    /// The bytes did not arrive because of `reason`, and the image, which was in status `from`,
    /// is queued again.
    pub(super) async fn emit_abandoned(
        &self,
        tx: &mut Transaction,
        id: ImageId,
        from: ImageStatus,
        reason: &ServiceError,
    ) -> Result<(), ServiceError> {
        // What is staged has not been on its way to a store.
        if from != ImageStatus::Uploading {
            let message = format!("image {id}: {reason}");
            self.emit(tx, Event::UploadFailed(&message)).await?;
        }
        self.emit_saved(tx, id).await
    }

    /// An import was taken up by a worker: for the first time, unless others have begun it.
    pub(super) async fn emit_taken_up(
        &self,
        tx: &mut Transaction,
        task: &Task,
    ) -> Result<(), ServiceError> {
        if task.attempts != 1 {
            return Ok(());
        }
        self.emit(tx, Event::Task(TaskVerb::Processing, task))
            .await?;
        let store = task.import.stores.first();
        let store = store.filter(|_| task.kind != TaskKind::LocationImport);
        self.emit_begun(tx, task.image_id, store).await
    }

    /// A task has ended; how, `tx` sees.
    pub(super) async fn emit_ended(
        &self,
        tx: &mut Transaction,
        id: TaskId,
    ) -> Result<(), ServiceError> {
        if !self.parts.notifier.is_on() {
            return Ok(());
        }
        let Some(task) = tx.find_task(id).await? else {
            return Ok(());
        };
        let verb = match task.status {
            TaskStatus::Success => TaskVerb::Success,
            TaskStatus::Failure => TaskVerb::Failure,
            TaskStatus::Pending | TaskStatus::Processing => return Ok(()),
        };
        self.emit(tx, Event::Task(verb, &task)).await?;
        self.emit(tx, Event::Task(TaskVerb::Run, &task)).await
    }

    async fn emit_image(
        &self,
        tx: &mut Transaction,
        id: ImageId,
        verbs: &[ImageVerb],
    ) -> Result<(), ServiceError> {
        if !self.parts.notifier.is_on() {
            return Ok(());
        }
        if let Some(image) = tx.find_image(id).await? {
            for verb in verbs {
                self.emit(tx, Event::Image(*verb, &image)).await?;
            }
        }
        Ok(())
    }
}
