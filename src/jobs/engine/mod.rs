//! Runs jobs: opens their images, reads them, and tells what was found.

mod attempt;
mod check;
mod library;
mod published;
mod report;
mod result;
mod roots;
mod source;
#[cfg(test)]
mod tests;
mod worker;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use self::{attempt::Attempt, result::Making};
pub use self::{
    library::{ImageCopy, Library},
    published::Published,
    result::{Outcome, Status},
    roots::Roots,
    worker::{Place, Worker},
};
use crate::{
    domain::{Clock, JobId, Timestamp},
    hash::Hashers,
    inspect::Rules,
    jobs::{
        document::{Job, Refused, Scope},
        failure::{Code, Failure},
        meters,
        progress::{Listener, Reporter},
    },
    openpgp::Keyrings,
};

/// The longest pause before another attempt.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Runs jobs. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Parts>);

/// What an engine is made of.
pub struct Parts {
    /// The hash algorithms.
    pub hashers: Arc<Hashers>,
    /// Where images may be.
    pub roots: Roots,
    /// Whose signatures of checksum files are believed.
    pub keyrings: Keyrings,
    /// Whether a checksum file counts only if a publisher signed it.
    pub demands_signatures: bool,
    /// What the registry would take in.
    pub rules: Rules,
    /// Who the engine is.
    pub worker: Worker,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Keeps in mind, beyond the life of this process, how often a job was begun.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// The job was begun `begun` times. Returns whether that is kept: if not, the job is not begun.
    async fn note(&self, begun: u32) -> bool;
}

/// A job that is to be run.
pub struct Run {
    /// The job.
    pub job: Arc<Job>,
    /// How often it was begun before.
    pub begun: u32,
    /// Ends it, with a result.
    pub cancel: CancellationToken,
    /// Leaves it to whoever comes next, without a result.
    pub stop: CancellationToken,
    /// Who is told how far it is.
    pub listener: Arc<dyn Listener>,
    /// Who keeps in mind how often it was begun.
    pub ledger: Arc<dyn Ledger>,
    /// Images and files that are elsewhere than beneath the roots; none: nothing is.
    pub library: Option<Arc<dyn Library>>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// The job came to its end.
    Done(Box<Outcome>),
    /// It was left to whoever comes next.
    Left,
}

impl Engine {
    /// An engine of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Who the engine is.
    #[must_use]
    pub fn worker(&self) -> &Worker {
        &self.0.worker
    }

    /// The hash algorithms.
    #[must_use]
    pub fn hashers(&self) -> &Hashers {
        &self.0.hashers
    }

    /// Whether there are folders in which images may be named by paths.
    #[must_use]
    pub fn has_roots(&self) -> bool {
        !self.0.roots.is_empty()
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Reads a document, which may name what is in `scope`; one that is refused is counted by
    /// [`Engine::refuse`].
    ///
    /// # Errors
    ///
    /// [`Refused`] with the first thing that is wrong.
    pub fn read(&self, bytes: &[u8], scope: Scope) -> Result<Job, Box<Refused>> {
        Job::read(bytes, &self.0.hashers, scope)
    }

    /// Counts a document that was refused, and gives the result for it if it has an id.
    #[must_use]
    pub fn refuse(&self, id: Option<&JobId>, failure: &Failure) -> Option<Value> {
        meters::count_refusal(failure.code);
        id.map(|id| result::refusal(&self.0.worker.id, id, self.now(), failure))
    }

    /// Runs a job to its end: again and again, if its attempts fail and it allows that.
    pub async fn run(&self, run: Run) -> Ended {
        let _active = meters::Active::begin();
        let begun = Instant::now();
        let ended = self.run_attempts(&run).await;
        if let Ended::Done(outcome) = &ended {
            let status = result::counted_as(outcome);
            meters::count_job(Some(run.job.operation), status, begun.elapsed());
        }
        ended
    }

    async fn run_attempts(&self, run: &Run) -> Ended {
        let execution = &run.job.execution;
        let mut begun = run.begun;
        loop {
            let number = execution.attempt.saturating_add(begun);
            if let Err(failure) = self.may_begin(run, number) {
                return Ended::Done(Box::new(self.end_early(&run.job, number, failure)));
            }
            if !run.ledger.note(begun + 1).await {
                return Ended::Left;
            }
            let attempt = Attempt {
                parts: &self.0,
                run,
                number,
                progress: self.reporter(run),
            };
            let Some(outcome) = attempt.run().await else {
                // What was given up on demand does not count.
                run.ledger.note(begun).await;
                return Ended::Left;
            };
            begun += 1;
            let may_retry = number < execution.max_attempts;
            match &outcome.failure {
                Some(failure) if failure.retry_recommended && may_retry => {
                    tracing::warn!(
                        job.id = %run.job.id,
                        attempt = number,
                        code = failure.code.as_str(),
                        "an attempt failed; another one follows"
                    );
                    if !rest(run, begun).await {
                        return Ended::Left;
                    }
                }
                _ => return Ended::Done(Box::new(outcome)),
            }
        }
    }

    /// Whether attempt `number` may be made.
    fn may_begin(&self, run: &Run, number: u32) -> Result<(), Failure> {
        let (job, cancel) = (&run.job, &run.cancel);
        if cancel.is_cancelled() && job.execution.cancellable {
            return Err(cancelled());
        }
        if number > job.execution.max_attempts {
            let message = format!(
                "the worker that ran the last of {} attempts ended without a result",
                job.execution.max_attempts
            );
            return Err(Failure::new(Code::WorkerLost, message));
        }
        self.0.worker.admit(job, self.now())
    }

    /// Ends a job that waited, because somebody cancelled it.
    #[must_use]
    pub fn cancel(&self, job: &Job) -> Outcome {
        let outcome = self.end_early(job, job.execution.attempt, cancelled());
        meters::count_job(
            Some(job.operation),
            result::counted_as(&outcome),
            Duration::ZERO,
        );
        outcome
    }

    fn end_early(&self, job: &Job, number: u32, failure: Failure) -> Outcome {
        let now = self.now();
        let making = Making {
            worker: &self.0.worker.id,
            job,
            started: now,
            ended: now,
            took: Duration::ZERO,
            attempt: number.min(job.execution.max_attempts),
            read: 0,
            data: None,
        };
        making.outcome(Some(failure))
    }

    fn reporter(&self, run: &Run) -> Reporter {
        let (job, clock) = (Arc::clone(&run.job), Arc::clone(&self.0.clock));
        Reporter::new(job, clock, Arc::clone(&run.listener))
    }
}

/// Waits before another attempt; not if the job is to be left.
async fn rest(run: &Run, begun: u32) -> bool {
    let pause = Duration::from_secs(1 << begun.saturating_sub(1).min(5));
    tokio::select! {
        () = sleep(pause.min(LONGEST_PAUSE)) => true,
        () = run.cancel.cancelled() => true,
        () = run.stop.cancelled() => false,
    }
}

fn cancelled() -> Failure {
    Failure::new(Code::Cancelled, "the job was cancelled")
}
