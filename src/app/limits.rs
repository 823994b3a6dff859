//! Keystone as the source of what projects may have.

use std::{error::Error, sync::Arc};

use anyhow::Context as _;
use async_trait::async_trait;

use crate::{
    config::Config,
    domain::{ProjectLimits, SystemClock},
    keystone::Limits,
    service::LimitSource,
};

#[async_trait]
impl LimitSource for Limits {
    async fn limits_of(
        &self,
        project_id: &str,
    ) -> Result<ProjectLimits, Box<dyn Error + Send + Sync>> {
        Ok(self.of(project_id).await?)
    }
}

/// What tells how much projects may have; none unless the configuration asks for it.
pub(super) fn open(config: &Config) -> anyhow::Result<Option<Arc<dyn LimitSource>>> {
    let Some(settings) = config.keystone_limits.clone() else {
        return Ok(None);
    };
    let limits = Limits::new(settings, Arc::new(SystemClock))
        .context("Keystone cannot be asked for limits")?;
    Ok(Some(Arc::new(limits)))
}
