//! Runs verification jobs.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{PAUSE, Turn, Worker};
use crate::service::ServiceError;

impl Worker {
    /// Runs one verification job, if one waits for this process. When `stop` is called it is left
    /// to the next worker.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn job(&self, stop: &CancellationToken) -> Result<Turn, ServiceError> {
        let worked = self.jobs.run_next(stop).await?;
        Ok(if worked { Turn::Worked } else { Turn::Idle })
    }

    /// Begins to run jobs until `stop` is called: as many at a time as the settings say.
    pub(super) fn spawn_jobs(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        for _ in 0..self.jobs.at_once() {
            let (worker, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { worker.run_jobs(&stop).await });
        }
    }

    async fn run_jobs(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.job(stop).await {
                Ok(Turn::Worked) => continue,
                Ok(Turn::Idle) => Duration::from_secs(self.settings.poll_interval.max(1)),
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a job could not be run"
                    );
                    PAUSE
                }
            };
            tokio::select! {
                () = sleep(pause) => (),
                () = self.jobs.submitted() => (),
                () = stop.cancelled() => (),
            }
        }
    }
}
