//! Tasks as such: for administrators, unless the policy says otherwise.

mod create;

use std::sync::Arc;

pub use self::create::TaskCall;
use crate::{
    db::Session,
    domain::{Caller, Task, TaskId, TaskQuery},
    policy::{Action, Target},
    service::{Core, ImageService, ServiceError},
};

/// A page of a list of tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskPage {
    /// The tasks.
    pub tasks: Vec<Task>,
    /// The last task of a full page: where the next one begins.
    pub next: Option<TaskId>,
}

/// Use cases of tasks, whatever they work on.
#[derive(Clone)]
pub struct TaskService {
    core: Arc<Core>,
    images: ImageService,
}

impl TaskService {
    pub(super) fn new(core: Arc<Core>) -> Self {
        let images = ImageService::new(Arc::clone(&core));
        Self { core, images }
    }

    /// Shows a task. What can be no id is that of none.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]; [`ServiceError::NoSuchTask`] also if it is another project's.
    #[tracing::instrument(name = "tasks.show", level = "debug", skip_all)]
    pub async fn show(&self, caller: &Caller, id: &str) -> Result<Task, ServiceError> {
        self.permit(caller, &[Action::TasksApiAccess, Action::GetTask])?;
        let none = || ServiceError::NoSuchTask(id.to_owned());
        let known = id.parse().map_err(|_| none())?;
        let mut session = self.core.parts.db.read().await?;
        let task = self.visible(&mut session, caller, known).await?;
        task.ok_or_else(none)
    }

    /// A page of the tasks that the caller may see.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]; [`ServiceError::Invalid`] if the marker is no task of the
    /// caller's.
    #[tracing::instrument(name = "tasks.list", level = "debug", skip_all)]
    pub async fn list(&self, caller: &Caller, query: TaskQuery) -> Result<TaskPage, ServiceError> {
        self.permit(caller, &[Action::TasksApiAccess, Action::GetTasks])?;
        let parts = &self.core.parts;
        let mut session = parts.db.read().await?;
        let marker =
            match query.marker {
                None => None,
                Some(id) => Some(self.visible(&mut session, caller, id).await?.ok_or_else(
                    || ServiceError::Invalid(format!("Invalid marker: no task {id}")),
                )?),
            };
        let owner = match (parts.policy.is_admin(caller), &caller.project_id) {
            (true, _) => None,
            (false, Some(project)) => Some(project.as_str()),
            (false, None) => {
                return Ok(TaskPage {
                    tasks: Vec::new(),
                    next: None,
                });
            }
        };
        let now = parts.clock.now();
        let tasks = session
            .list_tasks(owner, &query, marker.as_ref(), now)
            .await?;
        let is_full = query.limit > 0 && tasks.len() >= query.limit as usize;
        let next = tasks.last().filter(|_| is_full).map(|task| task.id);
        Ok(TaskPage { tasks, next })
    }

    /// No task can be deleted: each goes by itself, some time after its end.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`] if the caller may not even ask.
    pub fn check_deletion(&self, caller: &Caller) -> Result<(), ServiceError> {
        self.permit(caller, &[Action::TasksApiAccess])
    }

    fn permit(&self, caller: &Caller, actions: &[Action]) -> Result<(), ServiceError> {
        let target = Target::none(caller);
        for action in actions {
            self.core.parts.policy.check(caller, *action, &target)?;
        }
        Ok(())
    }

    /// The task, if it is recorded still and the caller may know of it.
    async fn visible(
        &self,
        session: &mut Session,
        caller: &Caller,
        id: TaskId,
    ) -> Result<Option<Task>, ServiceError> {
        let parts = &self.core.parts;
        let (now, is_admin) = (parts.clock.now(), parts.policy.is_admin(caller));
        let task = session.find_task(id).await?;
        Ok(task.filter(|task| {
            task.expires_at.is_none_or(|at| at > now)
                && (is_admin || caller.acts_for(task.owner.as_deref()))
        }))
    }
}
