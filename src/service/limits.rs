//! Where the unified limits of projects come from.

use std::error::Error;

use async_trait::async_trait;

use crate::domain::ProjectLimits;

/// Tells what a project may have.
#[async_trait]
pub trait LimitSource: Send + Sync {
    /// The limits of the project, as they are now or were a short time ago. A resource for which
    /// nobody registered a limit may not be had.
    ///
    /// # Errors
    ///
    /// If they cannot be told; nothing is begun for the project then.
    async fn limits_of(
        &self,
        project_id: &str,
    ) -> Result<ProjectLimits, Box<dyn Error + Send + Sync>>;
}
