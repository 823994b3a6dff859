//! `GET /v2/tasks/{task_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnTask,
    error::ApiError,
    extract::{Authenticated, TaskPath},
    v2::tasks::wire::TaskView,
};

/// Show a task.
#[utoipa::path(
    get, path = "/v2/tasks/{task_id}", tag = "tasks", operation_id = "show_task",
    params(("task_id" = String, Path, description = "The task")),
    responses((status = OK, description = "The task", body = TaskView), OnTask),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    TaskPath(id): TaskPath,
) -> Result<Json<TaskView>, ApiError> {
    let task = api.tasks.show(&caller, &id).await?;
    Ok(Json(task.into()))
}
