//! Tasks, as the tasks API shows them.

use serde::Serialize;
use utoipa::ToSchema;

use super::input::{TaskInput, TaskResult};
use crate::{
    api::{links::Links, time::Seconds},
    domain::Task,
    service::TaskPage,
};

/// A task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub(in crate::api::v2::tasks) struct TaskView {
    #[serde(flatten)]
    head: TaskHead,
    /// What it is to do.
    input: TaskInput,
    /// What came of it, once it succeeded.
    result: Option<TaskResult>,
    /// Progress, or why it failed.
    message: String,
    /// The image.
    image_id: String,
    /// The request that asked for it.
    request_id: String,
    /// The user that asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

/// What a list says of a task.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::v2::tasks) struct TaskHead {
    /// The id.
    id: String,
    /// What it does.
    #[serde(rename = "type")]
    kind: &'static str,
    /// `pending`, `processing`, `success` or `failure`.
    status: &'static str,
    /// The project that asked for it.
    owner: Option<String>,
    /// When it was created.
    #[schema(value_type = String)]
    created_at: Seconds,
    /// When it last changed.
    #[schema(value_type = String)]
    updated_at: Seconds,
    /// When its record goes, once it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    expires_at: Option<Seconds>,
    /// The path of the task.
    #[serde(rename = "self")]
    this: String,
    /// The path of the schema.
    schema: &'static str,
}

/// A page of tasks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tasks)]
pub(in crate::api::v2::tasks) struct TaskListView {
    /// The tasks.
    tasks: Vec<TaskHead>,
    /// The first page.
    first: String,
    /// The page after this one, if this one is full.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The path of the schema.
    schema: &'static str,
}

impl TaskListView {
    pub(in crate::api::v2::tasks) fn new(page: &TaskPage, links: &Links) -> Self {
        Self {
            tasks: page.tasks.iter().map(TaskHead::of).collect(),
            first: links.first(),
            next: page.next.map(|marker| links.next(&marker.to_string())),
            schema: "/v2/schemas/tasks",
        }
    }
}

impl TaskHead {
    fn of(task: &Task) -> Self {
        Self {
            id: task.id.to_string(),
            kind: task.kind.as_str(),
            status: task.status.as_str(),
            owner: task.owner.clone(),
            created_at: Seconds(task.created_at),
            updated_at: Seconds(task.updated_at),
            expires_at: task.expires_at.map(Seconds),
            this: format!("/v2/tasks/{}", task.id),
            schema: "/v2/schemas/task",
        }
    }
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        let head = TaskHead::of(&task);
        let Task {
            id: _,
            kind: _,
            status,
            image_id,
            owner: _,
            user_id,
            request_id,
            import,
            message,
            attempts: _,
            created_at: _,
            updated_at: _,
            expires_at: _,
        } = task;
        let image_id = image_id.to_string();
        Self {
            head,
            input: TaskInput::new(&image_id, import),
            result: TaskResult::of(status, &image_id),
            message,
            image_id,
            request_id,
            user_id,
        }
    }
}
