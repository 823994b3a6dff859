//! How an attempt at an import ends: each end is one transaction, and only its holder's.

use super::{marks::Marks, run::Run};
use crate::{
    db::{Reservation, TaskEnd, Transaction},
    domain::{
        DigestSource, ImageId, ImageStatus, ImportMethod, TaskKind, TaskStatus, property_names,
    },
    service::{
        ServiceError,
        data::{Missed, Shortfall, Stored},
    },
};

impl Run {
    /// Writes down at the image that a store has its bytes, and which stores have not; the first
    /// makes it active. `false` if the lease is lost or the image was deleted, which does not get
    /// the bytes then.
    pub(super) async fn land(
        &self,
        stored: &Stored,
        missed: &[Missed],
    ) -> Result<bool, ServiceError> {
        let (parts, id) = (&self.core.parts, self.task.image_id);
        let mut tx = self.core.begin_on(id).await?;
        let (task, now) = (self.task.id, parts.clock.now());
        if !tx.note_task(task, self.holder, &self.copied(), now).await? {
            return Ok(false);
        }
        let project = tx.find_reserving_project(id).await?;
        if !self.write_down(&mut tx, stored).await? {
            drop(tx);
            self.core.take_back(id, &stored.locations).await;
            return Ok(false);
        }
        if let Some(image) = tx.find_image(id).await? {
            let mut marks = Marks::of(&image);
            for location in &stored.locations {
                marks.filled(&location.store);
            }
            for missed in missed {
                marks.failed(&missed.store);
            }
            marks.save(&mut tx, &image).await?;
            if let Some(project) = project {
                let copies = marks.to_come();
                self.reserve_rest(&mut tx, &project, stored, copies).await?;
            }
        }
        self.core.emit_saved(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Keeps reserved what the copies will take that are still to come: the schema drops the
    /// reservation of an image that becomes active, and what has landed counts by itself.
    async fn reserve_rest(
        &self,
        tx: &mut Transaction,
        project: &str,
        stored: &Stored,
        copies: u64,
    ) -> Result<(), ServiceError> {
        let rest = Reservation {
            image_id: self.task.image_id,
            // Nobody's who works on it, so that it outlives them.
            holder: self.core.parts.ids.next(),
            project,
            stored: stored.verified.size().saturating_mul(copies),
            staged: 0,
        };
        Ok(tx.save_reservation(&rest).await?)
    }

    /// The bytes are in all stores: the image gets them, if it still waits for them.
    pub(super) async fn succeed(&self, stored: &Stored) -> Result<(), ServiceError> {
        let mut tx = self.core.begin_on(self.task.image_id).await?;
        if !self
            .finish(&mut tx, TaskStatus::Success, &self.copied())
            .await?
        {
            return Ok(());
        }
        if !self.write_down(&mut tx, stored).await? {
            drop(tx);
            return self.end_deleted().await;
        }
        self.end(tx, None).await?;
        tracing::info!(
            task.id = %self.task.id,
            image.id = %self.task.image_id,
            size_bytes = stored.verified.size(),
            "an import succeeded"
        );
        self.remove_staged().await
    }

    /// Every store that could be filled is.
    pub(super) async fn complete(&self, shortfall: Option<&Shortfall>) -> Result<(), ServiceError> {
        let mut message = self.copied();
        if let Some(shortfall) = shortfall {
            self.log(&shortfall.reason);
            message = format!(
                "{message}; not every store: {}",
                shortfall.reason.with_code()
            );
        }
        let mut tx = self.core.begin_on(self.task.image_id).await?;
        if !self.finish(&mut tx, TaskStatus::Success, &message).await? {
            return Ok(());
        }
        self.end(tx, shortfall).await?;
        tracing::info!(
            task.id = %self.task.id,
            image.id = %self.task.image_id,
            message,
            "an import ended with the stores that could be filled"
        );
        self.remove_staged().await
    }

    /// The bytes are not to be had: an image that waited for them goes back to `queued`, and its
    /// owner is told why.
    pub(super) async fn fail(&self, shortfall: &Shortfall) -> Result<(), ServiceError> {
        let reason = &shortfall.reason;
        self.log(reason);
        let id = self.task.image_id;
        let message = reason.with_code();
        let mut tx = self.core.begin_on(self.task.image_id).await?;
        if !self.finish(&mut tx, TaskStatus::Failure, &message).await? {
            return Ok(());
        }
        let from = ImageStatus::Importing;
        if self.core.abandon(&mut tx, id, from, reason).await? {
            self.leave_location(&mut tx, reason).await?;
        }
        self.delete_created(&mut tx).await?;
        // Once the image is queued, somebody may stage other bytes. What stays is swept.
        if let Err(error) = self.remove_staged().await {
            tracing::warn!(
                image.id = %id,
                error = &error as &dyn std::error::Error,
                "staged data of an import that failed stay for the next sweep"
            );
        }
        self.end(tx, Some(shortfall)).await?;
        tracing::info!(task.id = %self.task.id, image.id = %id, reason = message, "an import failed");
        Ok(())
    }

    /// The image was deleted meanwhile. What its stores got of it goes; what cannot be removed is
    /// nobody's, for the id is never used again.
    pub(super) async fn end_deleted(&self) -> Result<(), ServiceError> {
        let gone = ServiceError::Gone(self.task.image_id);
        let mut tx = self.core.begin_on(self.task.image_id).await?;
        let is_held = self
            .finish(&mut tx, TaskStatus::Failure, &gone.with_code())
            .await?;
        if is_held {
            self.core.emit_ended(&mut tx, self.task.id).await?;
        }
        let status = tx.find_status(self.task.image_id).await?;
        // What has a location goes with it, when the image's time has come.
        let kept = tx.list_stores_of(self.task.image_id).await?;
        tx.commit().await?;
        // Whoever has taken the import over may have ended it, and new data may arrive.
        if !is_held && status != Some(ImageStatus::Deleted) {
            return Ok(());
        }
        for store in &self.task.import.stores {
            if kept.contains(store) {
                continue;
            }
            if let Err(error) = self.cleared(store).await {
                tracing::warn!(
                    image.id = %self.task.image_id,
                    store.id = %store,
                    error = &error as &dyn std::error::Error,
                    "data of a deleted image may stay in a store"
                );
            }
        }
        self.remove_staged().await
    }

    /// This process stops: others may go on at once.
    pub(super) async fn put_back(&self) -> Result<(), ServiceError> {
        let parts = &self.core.parts;
        let mut tx = self.core.begin_on(self.task.image_id).await?;
        tx.release_task(self.task.id, self.holder, parts.clock.now())
            .await?;
        // What is staged stays reserved: the import was accepted.
        if self.core.has_quotas() && self.task.import.method != ImportMethod::GlanceDirect {
            tx.drop_reservation(self.task.image_id, self.holder).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Ends the task within `tx`; `false` if somebody else holds it now.
    pub(super) async fn finish(
        &self,
        tx: &mut Transaction,
        status: TaskStatus,
        message: &str,
    ) -> Result<bool, ServiceError> {
        let parts = &self.core.parts;
        let at = parts.clock.now();
        let end = TaskEnd {
            status,
            message,
            at,
            expires_at: at.plus(parts.settings.task_time_to_live),
        };
        Ok(tx.finish_task(self.task.id, self.holder, &end).await?)
    }

    /// Gives the image what is stored, within `tx`: the first copies make it active. `false` if
    /// it was deleted.
    async fn write_down(
        &self,
        tx: &mut Transaction,
        stored: &Stored,
    ) -> Result<bool, ServiceError> {
        let id = self.task.image_id;
        let Some(image) = tx.find_image(id).await? else {
            return Ok(false);
        };
        let source = DigestSource::Import;
        match image.status {
            // As Glance has it, a place that is registered is told as a change of the image only.
            ImageStatus::Importing if self.task.kind == TaskKind::LocationImport => {
                self.core.make_active(tx, &image, stored, source).await
            }
            ImageStatus::Importing => {
                self.write_change(tx).await?;
                self.core.activate(tx, &image, stored, source).await
            }
            _ => self.core.add_copies(tx, id, stored, source).await,
        }
    }

    /// Writes down what the bytes were made of, within `tx`, if they were.
    async fn write_change(&self, tx: &mut Transaction) -> Result<(), ServiceError> {
        let Some(change) = self.change.get() else {
            return Ok(());
        };
        let id = self.task.image_id;
        let disk_format = change.disk_format.as_deref();
        tx.set_formats(id, disk_format, change.container_format.as_deref())
            .await?;
        for (name, value) in &change.properties {
            tx.set_property(id, name, Some(value)).await?;
        }
        if let Some(original) = &change.original {
            tx.save_original(id, original).await?;
        }
        Ok(())
    }

    /// Takes the import's marks off the image, tells others, and commits.
    pub(super) async fn end(
        &self,
        mut tx: Transaction,
        shortfall: Option<&Shortfall>,
    ) -> Result<(), ServiceError> {
        let id: ImageId = self.task.image_id;
        if let Some(image) = tx.find_image(id).await? {
            tx.remove_property(id, property_names::IMPORT_TASK).await?;
            let mut marks = Marks::of(&image);
            match shortfall.map(|shortfall| shortfall.stores.as_slice()) {
                None => {}
                Some([]) => marks.fail_rest(),
                Some(stores) => stores.iter().for_each(|store| marks.failed(store)),
            }
            marks.end();
            marks.save(&mut tx, &image).await?;
            self.core.emit_saved(&mut tx, id).await?;
        }
        self.core.emit_ended(&mut tx, self.task.id).await?;
        Ok(tx.commit().await?)
    }

    fn log(&self, reason: &ServiceError) {
        if let ServiceError::Internal(cause)
        | ServiceError::LimitsUnavailable(cause)
        | ServiceError::KeysUnavailable(cause)
        | ServiceError::StoreUnavailable(cause) = reason
        {
            tracing::error!(
                task.id = %self.task.id,
                image.id = %self.task.image_id,
                error = &**cause as &dyn std::error::Error,
                "an import failed inside the registry"
            );
        }
    }

    async fn remove_staged(&self) -> Result<(), ServiceError> {
        if self.task.import.method == ImportMethod::GlanceDirect {
            self.core.parts.staging.delete(self.task.image_id).await?;
        }
        Ok(())
    }
}
