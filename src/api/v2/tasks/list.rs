//! `GET /v2/tasks`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::Always,
    error::ApiError,
    extract::Authenticated,
    refusal::ErrorBody,
    v2::tasks::{query::TaskListRequest, wire::TaskListView},
};

/// List tasks, page by page.
#[utoipa::path(
    get, path = "/v2/tasks", tag = "tasks", operation_id = "list_tasks",
    params(
        ("limit" = Option<u32>, Query, description = "How many tasks at most"),
        ("marker" = Option<String>, Query, description = "The last task of the page before"),
        (
            "sort_key" = Option<String>, Query,
            description = "What to sort by: `id`, `type`, `status`, `owner`, `created_at`, `updated_at` or `expires_at`",
        ),
        ("sort_dir" = Option<String>, Query, description = "`asc` or `desc`"),
        ("type" = Option<String>, Query, description = "What the tasks do"),
        ("status" = Option<String>, Query, description = "Where the tasks stand"),
    ),
    responses(
        (status = OK, description = "A page of tasks", body = TaskListView),
        (status = BAD_REQUEST, description = "A parameter is not what it may be", body = ErrorBody),
        (status = FORBIDDEN, description = "The caller may not use the tasks API", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    TaskListRequest { query, links }: TaskListRequest,
) -> Result<Json<TaskListView>, ApiError> {
    let page = api.tasks.list(&caller, query).await?;
    Ok(Json(TaskListView::new(&page, &links)))
}
