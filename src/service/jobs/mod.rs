//! Verification jobs that were submitted to the registry.
//!
//! A job is a row ([`JobService::submit`]) that any process may run ([`JobService::run_next`]): one
//! at a time, under a lease. Its result is kept for a time. Who may not see a job is told that
//! there is none.

mod cancel;
mod capabilities;
mod end;
mod library;
mod list;
mod run;
mod show;
mod submit;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use self::{capabilities::Capabilities, list::JobPage, submit::Submitted};
use crate::{
    db::Session,
    domain::{Caller, JobId, JobRecord},
    policy::{Action, Target},
    service::{Core, ServiceError},
};

/// Use cases of verification jobs.
#[derive(Clone)]
pub struct JobService(Arc<Inner>);

struct Inner {
    core: Arc<Core>,
    /// What ends each job that runs here.
    running: Mutex<HashMap<Uuid, CancellationToken>>,
    /// Rings when a job was submitted to this process.
    submitted: Notify,
}

/// The job that a caller names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDemand {
    /// The id, or what is meant to be one.
    pub id: String,
    /// The project whose job it is; none: the caller's own, or for administrators that of any.
    pub project: Option<String>,
}

impl JobDemand {
    fn unseen(&self) -> ServiceError {
        ServiceError::NoSuchJob(self.id.chars().take(128).collect())
    }
}

impl JobService {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self(Arc::new(Inner {
            core,
            running: Mutex::default(),
            submitted: Notify::new(),
        }))
    }

    /// How many jobs this process runs at a time.
    #[must_use]
    pub fn at_once(&self) -> usize {
        self.0.core.parts.settings.jobs.at_once
    }

    /// Ends when a job was submitted to this process.
    pub async fn submitted(&self) {
        self.0.submitted.notified().await;
    }
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, HashMap<Uuid, CancellationToken>> {
        // What is in the map stays sound whoever panicked beside it.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the rule whether the caller may do this to jobs at all.
    fn permit(&self, caller: &Caller, action: Action) -> Result<(), ServiceError> {
        let policy = &self.core.parts.policy;
        Ok(policy.check(caller, action, &Target::none(caller))?)
    }

    /// The job, if the caller may know of it.
    async fn sight(
        &self,
        session: &mut Session,
        caller: &Caller,
        demand: &JobDemand,
    ) -> Result<JobRecord, ServiceError> {
        let id: JobId = demand.id.parse().map_err(|_| demand.unseen())?;
        let is_admin = self.core.parts.policy.is_admin(caller);
        let own = caller.project_id.as_deref();
        let found = match demand.project.as_deref() {
            Some(project) if is_admin || caller.acts_for(Some(project)) => {
                session.find_job(Some(project), &id).await?
            }
            None if is_admin => match session.find_job(own, &id).await? {
                None => session.find_any_job(&id).await?,
                found => found,
            },
            // What was submitted for no project is nobody's but the administrators'.
            None if own.is_some() => session.find_job(own, &id).await?,
            _ => None,
        };
        found
            .filter(|job| self.may(caller, Action::GetJob, job))
            .ok_or_else(|| demand.unseen())
    }

    /// Whether the rule lets the caller do this to the job.
    fn may(&self, caller: &Caller, action: Action, job: &JobRecord) -> bool {
        let of = |name: &str, value: &Option<String>| Some((name.to_owned(), value.clone()?));
        let known = [
            of("project_id", &job.project),
            of("user_id", &job.user_id),
            of("job_id", &Some(job.id.to_string())),
        ];
        let known: BTreeMap<_, _> = known.into_iter().flatten().collect();
        let policy = &self.core.parts.policy;
        policy.allows(caller, action, &Target::described(&known))
    }
}
