//! Brings images into this node's cache that somebody asked for.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Worker;
use crate::service::ServiceError;

/// How long it takes until what could not be brought is tried again.
const AGAIN: Duration = Duration::from_secs(30);

impl Worker {
    /// Brings the images into the cache that were asked for, and tells how many are there now.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn prefetch(&self, stop: &CancellationToken) -> Result<usize, ServiceError> {
        self.cache.prefetch(stop).await
    }

    /// Begins to do so until `stop` is called, if there is a cache.
    pub(super) fn spawn_prefetch(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        if self.cache.is_on() {
            let (worker, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { worker.prefetch_all(&stop).await });
        }
    }

    async fn prefetch_all(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.prefetch(stop).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "images could not be brought into the cache"
                );
            }
            tokio::select! {
                () = sleep(AGAIN) => (),
                () = self.cache.asked() => (),
                () = stop.cancelled() => (),
            }
        }
    }
}
