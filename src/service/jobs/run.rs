//! Running one job, by whoever holds its lease.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::pin;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Inner, JobService, end::End, library::OfCaller};
use crate::{
    db::{DbError, JobLease},
    domain::ClaimedJob,
    jobs::{self, Ended, Job, Kept, Ledger, Log, Scope},
    service::{Core, ServiceError, lease},
};

/// One job that runs here.
struct Run<'a> {
    inner: &'a Inner,
    holder: Uuid,
    claimed: &'a ClaimedJob,
    cancel: CancellationToken,
}

impl JobService {
    /// Takes the most urgent job that waits, or whose worker has stopped, and runs it; `false` if
    /// there is none for this process. When `stop` is called it goes back to those that wait,
    /// which does not count as an attempt.
    ///
    /// # Errors
    ///
    /// If the database cannot be used: the job's lease then lapses, and it is taken again.
    #[tracing::instrument(name = "jobs.run", level = "debug", skip_all)]
    pub async fn run_next(&self, stop: &CancellationToken) -> Result<bool, ServiceError> {
        let (core, engine) = (&self.0.core, &self.0.core.parts.engine);
        let (lease, worker) = (core.new_lease(), engine.worker());
        let mut tx = core.parts.db.begin().await?;
        tx.lock_jobs().await?;
        let claimed = tx
            .claim_job(lease, &worker.id, worker.pool.as_deref())
            .await?;
        let first = match claimed.as_ref().and_then(|it| Some((it, it.key.as_ref()?))) {
            Some((job, key)) => {
                let project = job.record.project.as_deref();
                tx.find_final_result(project, key).await?
            }
            None => None,
        };
        tx.commit().await?;
        let Some(claimed) = claimed else {
            return Ok(false);
        };
        let run = Run {
            inner: &self.0,
            holder: lease.holder,
            claimed: &claimed,
            cancel: CancellationToken::new(),
        };
        match first.and_then(|text| serde_json::from_str(&text).ok()) {
            Some(first) => {
                let end = End::repeated(&Kept(first), &claimed.record.id);
                run.finish(&end).await?;
            }
            None => run.attempt(stop).await?,
        }
        Ok(true)
    }
}

impl Run<'_> {
    /// Runs the job, and writes down what came of it.
    async fn attempt(&self, stop: &CancellationToken) -> Result<(), ServiceError> {
        let (record, core) = (&self.claimed.record, &self.inner.core);
        let engine = &core.parts.engine;
        let job = match engine.read(self.claimed.document.as_bytes(), Scope::Registry) {
            Ok(job) => job,
            Err(refused) => {
                let end = End::refused(engine, &record.id, &refused.failure);
                return self.finish(&end).await;
            }
        };
        if record.cancel_at.is_some() {
            self.cancel.cancel();
        }
        self.inner
            .running()
            .insert(record.entry, self.cancel.clone());
        let ended = self.run(job, stop.child_token()).await;
        self.inner.running().remove(&record.entry);
        match ended {
            Ended::Done(outcome) => self.finish(&End::of(&outcome)).await,
            Ended::Left => self.release().await,
        }
    }

    /// Runs the job as long as the lease is held.
    async fn run(&self, job: Job, stop: CancellationToken) -> Ended {
        let (record, core) = (&self.claimed.record, &self.inner.core);
        let run = jobs::Run {
            job: Arc::new(job),
            begun: record.attempts,
            cancel: self.cancel.clone(),
            stop: stop.clone(),
            listener: Arc::new(Log),
            library: Some(Arc::new(OfCaller {
                core: Arc::clone(core),
                caller: self.claimed.caller.clone(),
            })),
            ledger: Arc::new(Attempts {
                core: Arc::clone(core),
                entry: record.entry,
                holder: self.holder,
            }),
        };
        let running = core.parts.engine.run(run);
        pin!(running);
        tokio::select! {
            ended = &mut running => ended,
            () = self.hold() => {
                tracing::warn!(job.id = %record.id, "the lease of a job was lost");
                stop.cancel();
                running.await
            }
        }
    }

    /// Renews the lease, and hears whether somebody wants the job's end; ends when it is lost.
    async fn hold(&self) {
        let parts = &self.inner.core.parts;
        let length = parts.settings.lease;
        let renew = async || {
            let until = parts.clock.now().plus(length);
            let mut tx = parts.db.begin().await?;
            let entry = self.claimed.record.entry;
            let renewed = tx.renew_job(entry, self.holder, until).await?;
            tx.commit().await?;
            if renewed == JobLease::ToCancel {
                self.cancel.cancel();
            }
            Ok(renewed != JobLease::Lost)
        };
        lease::hold(length, renew).await;
    }

    async fn finish(&self, end: &End) -> Result<(), ServiceError> {
        let (record, parts) = (&self.claimed.record, &self.inner.core.parts);
        let now = parts.clock.now();
        let expires_at = now.plus(parts.settings.jobs.time_to_live);
        let kept = end.at(now, expires_at, &parts.engine.worker().id);
        let mut tx = parts.db.begin().await?;
        let ended = tx.finish_job(record.entry, self.holder, &kept).await?;
        tx.commit().await?;
        if ended {
            tracing::info!(
                job.id = %record.id,
                status = end.status.as_str(),
                error = end.error.as_deref(),
                "a job ended"
            );
        }
        Ok(())
    }

    async fn release(&self) -> Result<(), ServiceError> {
        let record = &self.claimed.record;
        let mut tx = self.inner.core.parts.db.begin().await?;
        let left = tx.release_job(record.entry, self.holder).await?;
        tx.commit().await?;
        if left {
            tracing::info!(job.id = %record.id, "a job is left to the next worker");
        }
        Ok(())
    }
}

/// Writes down how often a job is begun.
struct Attempts {
    core: Arc<Core>,
    entry: Uuid,
    holder: Uuid,
}

#[async_trait]
impl Ledger for Attempts {
    async fn note(&self, begun: u32) -> bool {
        match self.try_note(begun).await {
            Ok(is_held) => is_held,
            Err(error) => {
                tracing::error!(
                    job.entry = %self.entry,
                    error = &error as &dyn std::error::Error,
                    "it cannot be kept that the job is begun"
                );
                false
            }
        }
    }
}

impl Attempts {
    async fn try_note(&self, begun: u32) -> Result<bool, DbError> {
        let mut tx = self.core.parts.db.begin().await?;
        let held = tx.note_job_attempts(self.entry, self.holder, begun).await?;
        tx.commit().await?;
        Ok(held)
    }
}
