//! Runs what was accepted, reads copies again, delivers notifications, and sweeps: inside `serve`,
//! any number of processes at a time.

mod checks;
mod jobs;
mod prefetch;
mod settings;
mod staging;

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::settings::*;
use crate::service::{
    CacheService, CheckService, ImportService, JobService, Maintenance, Notifications, Receipts,
    Relayed, ServiceError, Services,
};

/// How long a worker waits after something went wrong inside the registry.
const PAUSE: Duration = Duration::from_secs(1);

/// How long the pauses between attempts to deliver notifications get.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The workers of one process.
#[derive(Clone)]
pub struct Worker {
    imports: ImportService,
    checks: CheckService,
    jobs: JobService,
    cache: CacheService,
    maintenance: Maintenance,
    notifications: Notifications,
    receipts: Receipts,
    settings: Settings,
}

/// What a turn was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A task was run.
    Worked,
    /// There was none.
    Idle,
}

impl Worker {
    /// Workers over the given use cases; they do nothing yet.
    #[must_use]
    pub fn new(services: &Services, settings: Settings) -> Self {
        Self {
            imports: services.imports.clone(),
            checks: services.checks.clone(),
            jobs: services.jobs.clone(),
            cache: services.cache.clone(),
            maintenance: services.maintenance.clone(),
            notifications: services.notifications.clone(),
            receipts: services.receipts.clone(),
            settings,
        }
    }

    /// Runs one task, if one waits. When `stop` is called it is put back.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn turn(&self, stop: &CancellationToken) -> Result<Turn, ServiceError> {
        let worked = self.imports.run_next(stop).await?;
        Ok(if worked { Turn::Worked } else { Turn::Idle })
    }

    /// Works until `stop` is called: as many tasks and checks at a time as the settings say, and
    /// a sweep now and then.
    pub async fn run(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        for _ in 0..self.settings.concurrency {
            let (worker, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { worker.work(&stop).await });
        }
        self.spawn_checks(&tasks, &stop);
        self.spawn_jobs(&tasks, &stop);
        self.spawn_prefetch(&tasks, &stop);
        self.spawn_staging(&tasks, &stop);
        if self.notifications.are_on() {
            let (worker, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { worker.relay(&stop).await });
        }
        if self.receipts.are_on() {
            let (worker, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { worker.sign(&stop).await });
        }
        if self.settings.orphan_interval > 0 {
            let (worker, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { worker.look_for_orphans(&stop).await });
        }
        let (worker, stopped) = (self, stop);
        tasks.spawn(async move { worker.sweep(&stopped).await });
        tasks.close();
        tasks.wait().await;
    }

    /// Delivers the notifications that wait, if they can be delivered.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn deliver(&self, stop: &CancellationToken) -> Result<Relayed, ServiceError> {
        self.notifications.relay(stop).await
    }

    /// Signs the receipts that wait, and tells how many.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn sign_receipts(&self) -> Result<usize, ServiceError> {
        let mut signed = 0;
        loop {
            match self.receipts.sign_waiting().await? {
                0 => return Ok(signed),
                count => signed += count,
            }
        }
    }

    async fn work(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.turn(stop).await {
                Ok(Turn::Worked) => continue,
                Ok(Turn::Idle) => Duration::from_secs(self.settings.poll_interval.max(1)),
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a worker could not do its work"
                    );
                    PAUSE
                }
            };
            tokio::select! {
                () = sleep(pause) => (),
                () = self.imports.accepted() => (),
                () = stop.cancelled() => (),
            }
        }
    }

    /// Delivers at once what this process puts into the outbox, and looks now and then for what
    /// others left there. When nothing can be delivered, the pauses get longer.
    async fn relay(&self, stop: &CancellationToken) {
        let mut pause = PAUSE;
        while !stop.is_cancelled() {
            match self.deliver(stop).await {
                Ok(Relayed::Done) => {
                    pause = PAUSE;
                    tokio::select! {
                        () = sleep(Duration::from_secs(self.settings.poll_interval.max(1))) => (),
                        () = self.notifications.queued() => (),
                        () = stop.cancelled() => (),
                    }
                    continue;
                }
                Ok(Relayed::Waiting) => {}
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the outbox of notifications cannot be used"
                ),
            }
            tokio::select! {
                () = sleep(pause) => (),
                () = stop.cancelled() => (),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Signs now and then what waits for its receipt.
    async fn sign(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.sign_receipts().await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "receipts could not be signed"
                );
            }
            tokio::select! {
                () = sleep(Duration::from_secs(self.settings.poll_interval.max(1))) => (),
                () = stop.cancelled() => (),
            }
        }
    }

    /// Looks through the stores one lease after the start, when what a process before left is
    /// known to be left, and then now and then.
    async fn look_for_orphans(&self, stop: &CancellationToken) {
        let mut pause = Duration::from_secs(self.settings.lease);
        loop {
            tokio::select! {
                () = sleep(pause) => (),
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.maintenance.remove_orphans(stop).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the stores could not be looked through"
                );
            }
            pause = Duration::from_secs(self.settings.orphan_interval);
        }
    }

    /// Sweeps at the start, and then three times in a lease, so that what a stopped process held
    /// is ended soon after its lease.
    async fn sweep(&self, stop: &CancellationToken) {
        let interval = Duration::from_secs(self.settings.lease) / 3;
        while !stop.is_cancelled() {
            let next = Instant::now() + interval;
            if let Err(error) = self.maintenance.sweep().await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a sweep did not come to its end"
                );
            }
            tokio::select! {
                () = sleep_until(next) => (),
                () = stop.cancelled() => (),
            }
        }
    }
}
