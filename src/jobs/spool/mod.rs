//! A folder in which job documents are put, and another for their results.
//!
//! A document is taken when it was closed or moved in, by a lock and a rename, so that any number
//! of workers of one machine share a spool. The results on disk are the memory of what was run:
//! a job with a result does not run again, and one whose worker died is taken up by another.

mod claim;
mod folders;
mod queue;
mod results;
mod take;
mod watch;

use std::{
    collections::{HashMap, HashSet},
    ffi::OsString,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    claim::{Begun, Claim},
    folders::{Folders, remove_if_there},
    queue::Queue,
    take::{Taken, Taking},
    watch::Watch,
};
use crate::{
    domain::JobId,
    jobs::{
        engine::{Ended, Engine, Outcome, Run},
        kept::Kept,
        meters,
        progress::Listener,
    },
};

/// How often the folder is looked into, whatever is heard of it.
const INTERVAL: Duration = Duration::from_secs(2);

/// Where a spool is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The folder of documents.
    pub jobs: PathBuf,
    /// The folder of results.
    pub results: PathBuf,
    /// Where documents lie while they are worked on, on the file system of `jobs`; `claimed` in
    /// it, if nothing is said.
    pub claimed: Option<PathBuf>,
}

/// When a spool's work is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When it is told to stop.
    Stopped,
    /// When nothing waits any more, too.
    Idle,
}

/// A spool cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the folders of the spool cannot be used")]
pub struct SpoolError(#[source] io::Error);

/// A spool, and the engine that runs its jobs. Cheap to clone.
#[derive(Clone)]
pub struct Spool(Arc<Inner>);

struct Inner {
    taking: Taking,
    listener: Arc<dyn Listener>,
    /// One for each job that may run beside the others.
    permits: Arc<Semaphore>,
    most_at_once: usize,
    /// What ends each job that runs here.
    running: Mutex<HashMap<JobId, Running>>,
    /// Called when a job ended.
    ended: Notify,
}

/// A job that runs here.
#[derive(Debug, Clone)]
struct Running {
    cancel: CancellationToken,
    is_cancellable: bool,
}

impl Spool {
    /// Opens the spool at `place`, and makes folders that are missing. At most `most_at_once` of
    /// its jobs run at a time.
    ///
    /// # Errors
    ///
    /// [`SpoolError`] if a folder cannot be made.
    pub fn open(
        place: &Place,
        engine: Engine,
        listener: Arc<dyn Listener>,
        most_at_once: usize,
    ) -> Result<Self, SpoolError> {
        let folders = Folders::open(&place.jobs, &place.results, place.claimed.as_deref());
        let folders = folders.map_err(SpoolError)?;
        Ok(Self(Arc::new(Inner {
            taking: Taking { folders, engine },
            listener,
            permits: Arc::new(Semaphore::new(most_at_once)),
            most_at_once,
            running: Mutex::default(),
            ended: Notify::new(),
        })))
    }

    /// Runs jobs `until` its time. When `stop` is called, what runs is left to the next worker,
    /// without counting as an attempt.
    pub async fn work(&self, until: Until, stop: &CancellationToken) {
        let mut watch = Watch::new(&self.0.taking.folders.jobs);
        let mut queue = Queue::default();
        let tasks = TaskTracker::new();
        while !stop.is_cancelled() {
            let (looked, claims) = self.look(queue, watch.written().clone()).await;
            queue = looked;
            let is_idle = claims.is_empty() && self.0.running().is_empty();
            for (claim, permit) in claims {
                let (spool, stop) = (self.clone(), stop.clone());
                tasks.spawn(async move { spool.run(claim, permit, stop).await });
            }
            if until == Until::Idle && is_idle && !queue.is_growing() && self.is_empty(&queue) {
                break;
            }
            tokio::select! {
                () = watch.news() => (),
                () = self.0.ended.notified() => (),
                () = sleep(INTERVAL) => (),
                () = stop.cancelled() => (),
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    fn is_empty(&self, queue: &Queue) -> bool {
        queue.ready(self.0.taking.engine.now()).is_empty()
    }

    /// Looks for work where that may block, and claims as much as may run.
    async fn look(
        &self,
        mut queue: Queue,
        written: HashSet<OsString>,
    ) -> (Queue, Vec<(Claim, OwnedSemaphorePermit)>) {
        let inner = Arc::clone(&self.0);
        let looked = tokio::task::spawn_blocking(move || {
            let mut claims = Vec::new();
            if let Err(error) = inner.claim(&mut queue, &written, &mut claims) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the spool cannot be looked into"
                );
            }
            meters::tell_waiting(queue.depth() as u64);
            (queue, claims)
        });
        looked.await.unwrap_or_else(|panic| {
            tracing::error!(
                error = &panic as &dyn std::error::Error,
                "the spool was lost"
            );
            (Queue::default(), Vec::new())
        })
    }

    /// Runs one job, and puts its document and its result where they belong.
    async fn run(&self, claim: Claim, permit: OwnedSemaphorePermit, stop: CancellationToken) {
        let id = claim.job.id.clone();
        let cancel = self
            .0
            .running()
            .get(&id)
            .map(|running| running.cancel.clone());
        let run = Run {
            job: Arc::clone(&claim.job),
            begun: claim.begun,
            cancel: cancel.unwrap_or_default(),
            stop,
            listener: Arc::clone(&self.0.listener),
            library: None,
            ledger: Arc::new(Begun {
                folders: self.0.taking.folders.clone(),
                id: id.clone(),
            }),
        };
        let engine = self.0.taking.engine.clone();
        if let Ended::Done(outcome) = engine.run(run).await {
            let inner = Arc::clone(&self.0);
            let ended = tokio::task::spawn_blocking(move || inner.end(&claim, &outcome));
            if let Err(error) = ended.await.map_err(io::Error::other).flatten() {
                tracing::error!(
                    job.id = %id,
                    error = &error as &dyn std::error::Error,
                    "the result of a job cannot be kept"
                );
            }
        }
        self.0.running().remove(&id);
        drop(permit);
        self.0.ended.notify_one();
    }
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, HashMap<JobId, Running>> {
        // What is in the map stays sound whoever panicked beside it.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims jobs as long as one more may run: first those that somebody left, then those that
    /// wait.
    fn claim(
        &self,
        queue: &mut Queue,
        written: &HashSet<OsString>,
        claims: &mut Vec<(Claim, OwnedSemaphorePermit)>,
    ) -> io::Result<()> {
        self.cancel_what_is_asked()?;
        let free = self.most_at_once.saturating_sub(self.running().len());
        let is_running = |id: &JobId| self.running().contains_key(id);
        for claim in self.taking.abandoned(free, is_running)? {
            self.begin(claim, claims);
        }
        let Taking { folders, engine } = &self.taking;
        queue.look(folders, engine, written)?;
        for name in queue.ready(engine.now()) {
            if self.permits.available_permits() == 0 {
                break;
            }
            match self.taking.waiting(&name) {
                Ok(Taken::Claim(claim)) => self.begin(*claim, claims),
                Ok(Taken::Settled) => (),
                Ok(Taken::Not) => continue,
                Err(error) => {
                    tracing::error!(
                        file = ?name,
                        error = &error as &dyn std::error::Error,
                        "a document cannot be taken"
                    );
                    continue;
                }
            }
            queue.forget(&name);
        }
        Ok(())
    }

    fn begin(&self, claim: Claim, claims: &mut Vec<(Claim, OwnedSemaphorePermit)>) {
        // Who left a job unlocks it, so that it is found again.
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return;
        };
        let cancel = CancellationToken::new();
        let running = Running {
            cancel: cancel.clone(),
            is_cancellable: claim.job.execution.cancellable,
        };
        self.running().insert(claim.job.id.clone(), running);
        if self.taking.folders.cancel_of(&claim.job.id).exists() {
            cancel.cancel();
        }
        claims.push((claim, permit));
    }

    /// Ends the jobs whose end was asked for, and takes the request away once it is met or cannot
    /// be. One for a job that waits is met when that is taken.
    fn cancel_what_is_asked(&self) -> io::Result<()> {
        let folders = &self.taking.folders;
        for entry in fs::read_dir(&folders.jobs)? {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".cancel"));
            let Some(id) = id.and_then(|id| id.parse::<JobId>().ok()) else {
                continue;
            };
            let running = self.running().get(&id).cloned();
            match running {
                Some(running) if running.is_cancellable => running.cancel.cancel(),
                Some(_) => tracing::warn!(job.id = %id, "the job may not be cancelled"),
                None if !folders.has_result(&id) => continue,
                None => (),
            }
            if let Err(error) = remove_if_there(&folders.cancel_of(&id)) {
                tracing::warn!(
                    job.id = %id,
                    error = &error as &dyn std::error::Error,
                    "what asks for the end of a job cannot be removed"
                );
            }
        }
        Ok(())
    }

    /// Keeps the result first: from then on the job does not run again.
    fn end(&self, claim: &Claim, outcome: &Outcome) -> io::Result<()> {
        let folders = &self.taking.folders;
        let id = &claim.job.id;
        folders.keep_result(id, &outcome.document)?;
        tracing::info!(
            job.id = %id,
            status = outcome.status.as_str(),
            code = outcome.failure.as_ref().map(|failure| failure.code.as_str()),
            "a job ended"
        );
        let kept = Kept(outcome.document.clone());
        self.taking.put_away(claim.locked.path(), id, &kept)
    }
}
