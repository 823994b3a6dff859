//! Bytes that a client staged, as bytes that lie aside.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;

use super::run::Run;
use crate::{
    domain::ImageId,
    service::ServiceError,
    store::{Received, Store, StoreError},
    stream::Outgoing,
};

/// What a client staged. It stays until the import has ended.
pub(super) struct Staged {
    staging: Arc<dyn Store>,
    id: ImageId,
    size: u64,
    path: Option<PathBuf>,
}

impl Staged {
    /// What was staged for the import of `run`.
    pub(super) async fn of(run: &Run) -> Result<Self, ServiceError> {
        let (staging, id) = (&run.core.parts.staging, run.task.image_id);
        Ok(Self {
            size: staging.size(id).await?,
            path: staging.path(id),
            staging: Arc::clone(staging),
            id,
        })
    }
}

#[async_trait]
impl Received for Staged {
    fn size(&self) -> u64 {
        self.size
    }

    async fn reopen(&self) -> Result<Option<Outgoing>, StoreError> {
        let opened = self.staging.open(self.id, 0..self.size).await;
        opened.map(Some)
    }

    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    async fn publish(self: Box<Self>) -> Result<(), StoreError> {
        Err(StoreError::Exists(self.id))
    }

    async fn replace(self: Box<Self>) -> Result<(), StoreError> {
        Err(StoreError::Exists(self.id))
    }
}
