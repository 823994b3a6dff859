//! Listing jobs.

use super::JobService;
use crate::{
    domain::{Caller, JobMarker, JobQuery, JobRecord},
    policy::Action,
    service::ServiceError,
};

/// A page of jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobPage {
    /// The jobs that the caller may see, the newest first.
    pub jobs: Vec<JobRecord>,
    /// How many all pages have together.
    pub total: u64,
    /// Where the next page begins; none: there is none.
    pub next: Option<JobMarker>,
}

impl JobService {
    /// A page of the jobs that the caller may see.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]
    #[tracing::instrument(name = "jobs.list", level = "debug", skip_all)]
    pub async fn list(&self, caller: &Caller, query: JobQuery) -> Result<JobPage, ServiceError> {
        let parts = &self.0.core.parts;
        self.0.permit(caller, Action::GetJobs)?;
        let mut query = query;
        if !parts.policy.is_admin(caller) {
            let own = caller.project_id.clone();
            let is_foreign = query.project.is_some() && query.project != own;
            if own.is_none() || is_foreign {
                return Ok(JobPage::default());
            }
            query.project = own;
        }
        let mut session = parts.db.read().await?;
        let mut jobs = session.list_jobs(&query).await?;
        let total = session.count_jobs(&query).await?;
        let is_full = query.limit > 0 && jobs.len() >= query.limit as usize;
        let next = jobs.last().filter(|_| is_full).map(|job| JobMarker {
            submitted_at: job.submitted_at,
            entry: job.entry,
        });
        jobs.retain(|job| self.0.may(caller, Action::GetJob, job));
        Ok(JobPage { jobs, total, next })
    }
}
