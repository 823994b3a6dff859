//! Reads copies again: those that somebody asked for, and those that were not read for long.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{PAUSE, Turn, Worker};
use crate::service::ServiceError;

/// How long it takes until a process looks again for a copy that has not been read for long.
const LOOK: Duration = Duration::from_mins(1);

impl Worker {
    /// Reads one copy that somebody asked for, if one waits. When `stop` is called it is put back.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn check(&self, stop: &CancellationToken) -> Result<Turn, ServiceError> {
        Ok(turn(self.checks.run_next(stop).await?))
    }

    /// Reads one copy that was not read for as long as the settings say, if there is one. When
    /// `stop` is called it is left for later.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn scrub(&self, stop: &CancellationToken) -> Result<Turn, ServiceError> {
        Ok(turn(self.checks.scrub_next(stop).await?))
    }

    /// Begins to check until `stop` is called: as many copies at a time as the settings say of
    /// those that were asked for, and one of those that were not.
    pub(super) fn spawn_checks(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        for _ in 0..self.settings.checks {
            let (worker, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { worker.check_all(&stop).await });
        }
        if self.settings.checks > 0 && self.checks.scrubs() {
            let (worker, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { worker.scrub_all(&stop).await });
        }
    }

    async fn check_all(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let Some(pause) = pause(self.check(stop).await, self.look()) else {
                continue;
            };
            tokio::select! {
                () = sleep(pause) => (),
                () = self.checks.asked() => (),
                () = stop.cancelled() => (),
            }
        }
    }

    async fn scrub_all(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let Some(pause) = pause(self.scrub(stop).await, LOOK) else {
                continue;
            };
            tokio::select! {
                () = sleep(pause) => (),
                () = stop.cancelled() => (),
            }
        }
    }

    /// How long it takes until a process looks for what another one was asked for.
    fn look(&self) -> Duration {
        Duration::from_secs(self.settings.poll_interval.max(1))
    }
}

const fn turn(worked: bool) -> Turn {
    if worked { Turn::Worked } else { Turn::Idle }
}

/// How long to wait after a turn: not at all after work, `idle` if there was none.
fn pause(turn: Result<Turn, ServiceError>, idle: Duration) -> Option<Duration> {
    match turn {
        Ok(Turn::Worked) => None,
        Ok(Turn::Idle) => Some(idle),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a copy could not be checked"
            );
            Some(PAUSE)
        }
    }
}
