//! Cancelling a job.

use super::{JobDemand, JobService, end::End};
use crate::{
    db::Transaction,
    domain::{Caller, JobRecord, JobStatus},
    jobs::{Job, Scope},
    policy::Action,
    service::ServiceError,
};

impl JobService {
    /// Cancels a job. One that waits is over when this returns; one that runs is ended by whoever
    /// runs it, soon. To cancel a job that was cancelled changes nothing.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`], [`ServiceError::NoSuchJob`]; [`ServiceError::Conflict`] if it ended
    /// otherwise, or may not be cancelled.
    #[tracing::instrument(name = "jobs.cancel", level = "debug", skip_all)]
    pub async fn cancel(
        &self,
        caller: &Caller,
        demand: &JobDemand,
    ) -> Result<JobRecord, ServiceError> {
        let parts = &self.0.core.parts;
        self.0.permit(caller, Action::CancelJob)?;
        let mut tx = parts.db.begin().await?;
        tx.lock_jobs().await?;
        let job = self.0.sight(&mut tx, caller, demand).await?;
        if !self.0.may(caller, Action::CancelJob, &job) {
            return Err(ServiceError::Denied(Action::CancelJob.as_str()));
        }
        match job.status {
            JobStatus::Cancelled => return Ok(job),
            JobStatus::Completed | JobStatus::Failed => {
                return Err(ServiceError::Conflict(format!(
                    "job {} has {} already",
                    job.id, job.status
                )));
            }
            JobStatus::Pending => self.end_waiting(&mut tx, &job).await?,
            JobStatus::Running => {
                self.cancellable(&mut tx, &job).await?;
                tx.ask_job_cancel(job.entry, parts.clock.now()).await?;
            }
        }
        let job = self.0.sight(&mut tx, caller, demand).await?;
        tx.commit().await?;
        if let Some(cancel) = self.0.running().get(&job.entry) {
            cancel.cancel();
        }
        Ok(job)
    }

    async fn end_waiting(&self, tx: &mut Transaction, job: &JobRecord) -> Result<(), ServiceError> {
        let parts = &self.0.core.parts;
        let end = match self.cancellable(tx, job).await? {
            Some(document) => End::of(&parts.engine.cancel(&document)),
            None => End::unreadable(&parts.engine, &job.id),
        };
        let now = parts.clock.now();
        let expires_at = now.plus(parts.settings.jobs.time_to_live);
        let end = end.at(now, expires_at, &parts.engine.worker().id);
        tx.end_waiting_job(job.entry, &end).await?;
        Ok(())
    }

    /// What the job asks for, if it may be cancelled; nothing if this version cannot read it.
    async fn cancellable(
        &self,
        tx: &mut Transaction,
        job: &JobRecord,
    ) -> Result<Option<Job>, ServiceError> {
        let document = tx.find_job_document(job.entry).await?;
        let engine = &self.0.core.parts.engine;
        let document = document.and_then(|text| engine.read(text.as_bytes(), Scope::Registry).ok());
        if document
            .as_ref()
            .is_some_and(|document| !document.execution.cancellable)
        {
            return Err(ServiceError::Conflict(format!(
                "job {} may not be cancelled: its execution.cancellable is false",
                job.id
            )));
        }
        Ok(document)
    }
}
