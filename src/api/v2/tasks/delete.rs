//! `DELETE /v2/tasks/{task_id}`

use axum::extract::State;
use http::{HeaderName, header};

use crate::api::{
    ApiState, docs::OnTask, error::ApiError, extract::Authenticated, refusal::ErrorBody,
};

/// No task can be deleted.
///
/// Each goes by itself, some time after its end: `expires_at` says when.
#[utoipa::path(
    delete, path = "/v2/tasks/{task_id}", tag = "tasks", operation_id = "delete_task",
    params(("task_id" = String, Path, description = "The task")),
    responses(
        (
            status = METHOD_NOT_ALLOWED, description = "Tasks cannot be deleted",
            body = ErrorBody, headers(("Allow" = String, description = "`GET`")),
        ),
        OnTask,
    ),
)]
pub(super) async fn delete(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
) -> ([(HeaderName, &'static str); 1], ApiError) {
    let refused = match api.tasks.check_deletion(&caller) {
        Ok(()) => ApiError::TaskStays,
        Err(denied) => denied.into(),
    };
    ([(header::ALLOW, "GET")], refused)
}
