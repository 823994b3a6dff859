//! What projects may have, as an identity service would tell it.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hallmark::{
    domain::{Limit, ProjectLimits, Resource},
    service::LimitSource,
};

/// Limits that a test sets. A project without any may have everything.
#[derive(Default)]
pub struct KnownLimits {
    by_project: Mutex<BTreeMap<String, ProjectLimits>>,
    is_out_of_order: Mutex<bool>,
}

impl KnownLimits {
    /// Only `resource` is limited, for `project`.
    pub fn of(project: &str, resource: Resource, most: u64) -> Arc<Self> {
        let known = Arc::new(Self::default());
        known.set(project, resource, most);
        known
    }

    /// Limits a resource of a project.
    pub fn set(&self, project: &str, resource: Resource, most: u64) {
        let mut known = self.by_project.lock().expect("limits");
        let limits = known.entry(project.to_owned()).or_insert_with(unlimited);
        limits.set(resource, Limit::AtMost(most));
    }

    /// From now on no limit can be told.
    pub fn break_down(&self) {
        *self.is_out_of_order.lock().expect("a switch") = true;
    }
}

fn unlimited() -> ProjectLimits {
    let mut limits = ProjectLimits::default();
    for resource in Resource::ALL {
        limits.set(resource, Limit::Unlimited);
    }
    limits
}

#[async_trait]
impl LimitSource for KnownLimits {
    async fn limits_of(
        &self,
        project_id: &str,
    ) -> Result<ProjectLimits, Box<dyn Error + Send + Sync>> {
        if *self.is_out_of_order.lock().expect("a switch") {
            return Err("the identity service is out of order".into());
        }
        let known = self.by_project.lock().expect("limits");
        Ok(known.get(project_id).copied().unwrap_or_else(unlimited))
    }
}
