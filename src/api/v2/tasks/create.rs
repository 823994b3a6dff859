//! `POST /v2/tasks`

use axum::{Json, extract::State};
use http::{HeaderName, StatusCode, header};

use crate::api::{
    ApiState,
    base_url::BaseUrl,
    docs::Always,
    error::ApiError,
    extract::{Authenticated, JsonObject},
    refusal::ErrorBody,
    v2::tasks::wire::{CreateTaskBody, TaskView},
};

/// Create an image and begin to import data into it.
#[utoipa::path(
    post, path = "/v2/tasks", tag = "tasks", operation_id = "create_task",
    request_body(content = CreateTaskBody, example = json!({
        "type": "import",
        "input": {
            "import_from": "https://example.com/cirros.img", "import_from_format": "qcow2",
            "image_properties": {"name": "cirros", "container_format": "bare"},
        },
    })),
    responses(
        (
            status = CREATED, description = "The task", body = TaskView,
            headers(("Location" = String, description = "The address of the task")),
        ),
        (status = BAD_REQUEST, description = "The body makes no sense", body = ErrorBody),
        (
            status = FORBIDDEN, body = ErrorBody,
            description = "The caller may not create tasks, or such an image",
        ),
        (
            status = CONFLICT, body = ErrorBody,
            description = "The id of the image is in use, or was, or the store is unknown",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "A quota is used up, or the body is too large",
        ),
        (
            status = SERVICE_UNAVAILABLE, body = ErrorBody,
            description = "The limits of the project or the key manager cannot be reached",
        ),
        Always,
    ),
)]
pub(super) async fn create(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    BaseUrl(base): BaseUrl,
    body: Result<JsonObject, ApiError>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<TaskView>), ApiError> {
    // Who may not is not told what is wrong with the body.
    api.tasks.check_creation(&caller)?;
    let call = CreateTaskBody(body?.0).into_call(&api.discovery)?;
    let task = api.tasks.create(&caller, call).await?;
    let location = format!("{base}/v2/tasks/{}", task.id);
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, Json(task.into())))
}
