//! Submitting a job.

use std::sync::Arc;

use serde_json::Value;

use super::{JobService, library::OfCaller};
use crate::{
    domain::{Caller, JobRecord, JobStatus, NewJob},
    jobs::{Job, Scope, key_name},
    policy::Action,
    service::ServiceError,
};

/// A job that was submitted, now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The job.
    pub job: JobRecord,
    /// Whether it was not known before.
    pub is_new: bool,
}

impl JobService {
    /// Takes a document, which waits for somebody who runs it. When this returns, that is durable.
    /// The same document a second time is the same job.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]; [`ServiceError::NoJob`] if the document is none;
    /// [`ServiceError::NoSuchImage`] and the like if the caller may not read an image it names;
    /// [`ServiceError::Conflict`] if another one has its id; [`ServiceError::TooManyJobs`] if too
    /// many wait.
    #[tracing::instrument(name = "jobs.submit", level = "debug", skip_all)]
    pub async fn submit(
        &self,
        caller: &Caller,
        document: String,
    ) -> Result<Submitted, ServiceError> {
        let parts = &self.0.core.parts;
        self.0.permit(caller, Action::SubmitJob)?;
        if caller.project_id.is_none() && !parts.policy.is_admin(caller) {
            // Nobody but administrators would ever see it again.
            return Err(ServiceError::Denied(Action::SubmitJob.as_str()));
        }
        let job = parts
            .engine
            .read(document.as_bytes(), Scope::Registry)
            .map_err(|refused| {
                let _no_result = parts.engine.refuse(None, &refused.failure);
                if refused.may_grow {
                    return ServiceError::Invalid(refused.failure.message);
                }
                ServiceError::NoJob(Box::new(refused.failure))
            })?;
        let library = OfCaller {
            core: Arc::clone(&self.0.core),
            caller: caller.clone(),
        };
        library.check(&job).await?;
        let new = self.new_job(caller, &job, document)?;
        let project = caller.project_id.as_deref();
        let most = parts.settings.jobs.most_waiting;
        let mut tx = parts.db.begin().await?;
        tx.lock_jobs().await?;
        if let Some(known) = tx.find_job(project, &job.id).await? {
            let before = tx.find_job_document(known.entry).await?;
            return same(known, before.as_deref(), &new.document);
        }
        if tx.count_waiting_jobs().await? >= most {
            return Err(ServiceError::TooManyJobs(most));
        }
        tx.insert_job(&new).await?;
        tx.commit().await?;
        self.0.submitted.notify_one();
        tracing::info!(job.id = %job.id, operation = %job.operation, "a job was submitted");
        Ok(Submitted {
            job: waiting(&new),
            is_new: true,
        })
    }

    fn new_job(
        &self,
        caller: &Caller,
        job: &Job,
        document: String,
    ) -> Result<NewJob, ServiceError> {
        let parts = &self.0.core.parts;
        let (execution, hashers) = (&job.execution, parts.engine.hashers());
        let key = execution.idempotency_key.as_deref();
        Ok(NewJob {
            entry: parts.ids.next(),
            id: job.id.clone(),
            caller: caller.clone(),
            document,
            operation: job.operation.name().to_owned(),
            priority: execution.priority,
            created_at: job.created_at,
            submitted_at: parts.clock.now(),
            deadline: execution.deadline,
            worker: job.routing.worker_id.clone(),
            pools: pools(job),
            not_beside: job.routing.not_beside.clone(),
            key: key.map(|key| key_name(key, hashers)).transpose()?,
        })
    }
}

/// The pools whose workers may run the job; none: all do.
fn pools(job: &Job) -> Option<Vec<String>> {
    let allowed = &job.constraints.allowed_worker_pools;
    match &job.routing.worker_pool {
        Some(pool) if allowed.is_empty() || allowed.contains(pool) => Some(vec![pool.clone()]),
        Some(_) => Some(Vec::new()),
        None if allowed.is_empty() => None,
        None => Some(allowed.clone()),
    }
}

/// The job that is known under the id, if it is of the same document.
fn same(known: JobRecord, before: Option<&str>, now: &str) -> Result<Submitted, ServiceError> {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    if before.and_then(read) != read(now) {
        return Err(ServiceError::Conflict(format!(
            "there is a job {} of another document",
            known.id
        )));
    }
    Ok(Submitted {
        job: known,
        is_new: false,
    })
}

/// What is known of a job that waits since it was inserted.
fn waiting(new: &NewJob) -> JobRecord {
    JobRecord {
        entry: new.entry,
        id: new.id.clone(),
        project: new.caller.project_id.clone(),
        user_id: new.caller.user_id.clone(),
        operation: new.operation.clone(),
        status: JobStatus::Pending,
        priority: new.priority,
        attempts: 0,
        worker: None,
        error: None,
        submitted_at: new.submitted_at,
        started_at: None,
        ended_at: None,
        cancel_at: None,
    }
}
