//! How an attempt at an import ends: each end is one transaction, and only its holder's.

use super::run::Run;
use crate::{
    db::{TaskEnd, Transaction},
    domain::{
        DigestSource, Image, ImageId, ImageStatus, ImportMethod, StoreId, TaskStatus,
        property_names,
    },
    service::{ServiceError, data::Copy},
};

impl Run {
    /// The bytes are in the store: the image becomes active, if it still waits for them.
    pub(super) async fn succeed(&self, image: &Image, copy: &Copy) -> Result<(), ServiceError> {
        let mut tx = self.core.parts.db.begin().await?;
        if !self
            .finish(&mut tx, TaskStatus::Success, &self.copied())
            .await?
        {
            return Ok(());
        }
        if !self
            .core
            .activate(&mut tx, image, copy, DigestSource::Import)
            .await?
        {
            drop(tx);
            let store = self.store()?;
            store.store.delete(image.id).await?;
            return self.end_deleted().await;
        }
        self.unlock(&mut tx, "").await?;
        self.core.emit_ended(&mut tx, self.task.id).await?;
        tx.commit().await?;
        tracing::info!(
            task.id = %self.task.id,
            image.id = %image.id,
            size_bytes = copy.verified.size(),
            "an import succeeded"
        );
        self.remove_staged(image.id).await
    }

    /// The bytes are not to be had: the image goes back to `queued`, and its owner is told why.
    pub(super) async fn fail(&self, reason: &ServiceError) -> Result<(), ServiceError> {
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
        let id = self.task.image_id;
        let message = reason.with_code();
        let mut tx = self.core.parts.db.begin().await?;
        if !self.finish(&mut tx, TaskStatus::Failure, &message).await? {
            return Ok(());
        }
        let from = ImageStatus::Importing;
        if self.core.abandon(&mut tx, id, from, reason).await? {
            let stores: Vec<_> = self
                .task
                .import
                .stores
                .iter()
                .map(StoreId::as_str)
                .collect();
            self.unlock(&mut tx, &stores.join(",")).await?;
        }
        self.core.emit_ended(&mut tx, self.task.id).await?;
        tx.commit().await?;
        tracing::info!(task.id = %self.task.id, image.id = %id, reason = message, "an import failed");
        self.remove_staged(id).await
    }

    /// The image was deleted meanwhile.
    pub(super) async fn end_deleted(&self) -> Result<(), ServiceError> {
        let gone = ServiceError::Gone(self.task.image_id);
        let mut tx = self.core.parts.db.begin().await?;
        if self
            .finish(&mut tx, TaskStatus::Failure, &gone.with_code())
            .await?
        {
            self.core.emit_ended(&mut tx, self.task.id).await?;
        }
        tx.commit().await?;
        self.remove_staged(self.task.image_id).await
    }

    /// This process stops: others may go on at once.
    pub(super) async fn put_back(&self) -> Result<(), ServiceError> {
        let parts = &self.core.parts;
        let mut tx = parts.db.begin().await?;
        tx.release_task(self.task.id, self.holder, parts.clock.now())
            .await?;
        if self.core.has_quotas() {
            tx.drop_reservation(self.task.image_id, self.holder).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Ends the task within `tx`; `false` if somebody else holds it now.
    async fn finish(
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

    /// Takes the import's marks off the image.
    async fn unlock(&self, tx: &mut Transaction, failed: &str) -> Result<(), ServiceError> {
        let id = self.task.image_id;
        tx.remove_property(id, property_names::IMPORT_TASK).await?;
        tx.set_property(id, property_names::IMPORTING_TO_STORES, Some(""))
            .await?;
        tx.set_property(id, property_names::FAILED_IMPORT, Some(failed))
            .await?;
        self.core.emit_saved(tx, id).await
    }

    async fn remove_staged(&self, id: ImageId) -> Result<(), ServiceError> {
        if self.task.import.method == ImportMethod::GlanceDirect {
            self.core.parts.staging.delete(id).await?;
        }
        Ok(())
    }
}
