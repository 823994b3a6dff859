//! What a project has of what it may have.

use std::sync::Arc;

use super::rule::used;
use crate::{
    domain::{Caller, Limit, Resource},
    service::{Core, ServiceError},
};

/// What a project has of one resource, in the resource's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceUsage {
    /// The resource.
    pub resource: Resource,
    /// How much there is, bytes that are arriving included.
    pub usage: u64,
    /// How much there may be.
    pub limit: Limit,
}

/// Use cases of quotas.
#[derive(Clone)]
pub struct QuotaService(Arc<Core>);

impl QuotaService {
    pub(in crate::service) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// What the caller's project has and may have; nothing without unified limits, or if the
    /// caller acts for no project.
    ///
    /// # Errors
    ///
    /// [`ServiceError::LimitsUnavailable`]
    #[tracing::instrument(name = "quotas.usage", level = "debug", skip_all)]
    pub async fn usage(&self, caller: &Caller) -> Result<Vec<ResourceUsage>, ServiceError> {
        let parts = &self.0.parts;
        let (Some(source), Some(project)) = (&parts.limits, &caller.project_id) else {
            return Ok(Vec::new());
        };
        let limits = source.limits_of(project).await;
        let limits = limits.map_err(ServiceError::LimitsUnavailable)?;
        let usage = parts.db.read().await?.find_usage(project, None).await?;
        let told = Resource::ALL.map(|resource| ResourceUsage {
            resource,
            usage: used(&usage, resource),
            limit: limits.of(resource),
        });
        Ok(told.to_vec())
    }
}
