//! Imports: accepted in a request, run by a worker.

mod begin;
mod call;
mod change;
mod changes;
mod convertible;
mod created;
mod end;
mod inject;
mod location;
mod marks;
mod promises;
mod publisher;
mod remote;
mod run;
mod source;
mod staged;
mod stranded;
mod unpacked;

use std::sync::Arc;

pub(super) use self::begin::{Order, arrival, check_idle, compose, record};
pub use self::call::ImportCall;
use crate::{
    domain::{Caller, ImageId, Task},
    policy::Action,
    service::{Core, ServiceError},
};

/// How many tasks of an image are shown, newest first.
const SHOWN_TASKS: u32 = 100;

/// Use cases of imports.
#[derive(Clone)]
pub struct ImportService(Arc<Core>);

impl ImportService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// The tasks that worked or work on the image, as far as they are the caller's project's.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`] if the caller may not get the image.
    #[tracing::instrument(name = "imports.tasks", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn tasks(&self, caller: &Caller, id: ImageId) -> Result<Vec<Task>, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        self.0
            .permitted(&mut session, caller, id, Action::GetImage)
            .await?;
        let mut tasks = session.list_image_tasks(id, SHOWN_TASKS).await?;
        let is_admin = self.0.parts.policy.is_admin(caller);
        tasks.retain(|task| is_admin || caller.acts_for(task.owner.as_deref()));
        Ok(tasks)
    }

    /// Ends when a task was accepted by this process.
    pub async fn accepted(&self) {
        self.0.accepted.notified().await;
    }
}
