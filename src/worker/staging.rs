//! Says that this process imports what is staged where it stages, and ends what waits for a node
//! that is gone.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Worker;
use crate::service::ServiceError;

impl Worker {
    /// Says that this process is there for what is staged in its staging area, if it runs tasks.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn tend_staging(&self) -> Result<(), ServiceError> {
        if self.settings.concurrency == 0 {
            return Ok(());
        }
        self.imports.tend_area().await
    }

    /// Ends the imports that wait for a node that is gone; tells how many.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn fail_stranded(&self) -> Result<usize, ServiceError> {
        self.imports.fail_stranded().await
    }

    /// Begins to do both until `stop` is called, three times in a lease. It is not part of the
    /// sweep, which lasts as long as a slow store pleases.
    pub(super) fn spawn_staging(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        let (worker, stop) = (self.clone(), stop.clone());
        tasks.spawn(async move { worker.watch_staging(&stop).await });
    }

    /// Others are not taken to be gone before they could have shown themselves: after a start, or
    /// when the database is there again, nobody has for long.
    async fn watch_staging(&self, stop: &CancellationToken) {
        let lease = Duration::from_secs(self.settings.lease);
        let mut watching = Instant::now();
        while !stop.is_cancelled() {
            let is_fair = watching.elapsed() >= lease * 2;
            let done = async {
                self.tend_staging().await?;
                if is_fair {
                    self.fail_stranded().await?;
                }
                Ok::<_, ServiceError>(())
            };
            if let Err(error) = done.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "staging areas could not be looked after"
                );
                watching = Instant::now();
            }
            tokio::select! {
                () = sleep(lease / 3) => (),
                () = stop.cancelled() => (),
            }
        }
    }
}
