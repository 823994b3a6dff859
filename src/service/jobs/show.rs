//! Looking at a job.

use serde_json::Value;

use super::{JobDemand, JobService};
use crate::{
    domain::{Caller, JobRecord},
    policy::Action,
    service::ServiceError,
};

impl JobService {
    /// Where a job stands.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`], [`ServiceError::NoSuchJob`].
    #[tracing::instrument(name = "jobs.show", level = "debug", skip_all)]
    pub async fn show(
        &self,
        caller: &Caller,
        demand: &JobDemand,
    ) -> Result<JobRecord, ServiceError> {
        self.0.permit(caller, Action::GetJob)?;
        let mut session = self.0.core.parts.db.read().await?;
        self.0.sight(&mut session, caller, demand).await
    }

    /// The document of a job's result.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`], [`ServiceError::NoSuchJob`]; [`ServiceError::NoResult`] if the job
    /// has not ended.
    #[tracing::instrument(name = "jobs.result", level = "debug", skip_all)]
    pub async fn result(&self, caller: &Caller, demand: &JobDemand) -> Result<Value, ServiceError> {
        self.0.permit(caller, Action::GetJob)?;
        let mut session = self.0.core.parts.db.read().await?;
        let job = self.0.sight(&mut session, caller, demand).await?;
        let Some(result) = session.find_job_result(job.entry).await? else {
            return Err(ServiceError::NoResult {
                id: job.id,
                status: job.status,
            });
        };
        serde_json::from_str(&result).map_err(ServiceError::internal)
    }
}
