//! `GET /v2/schemas/…`

use axum::{Json, extract::State};
use serde_json::Value;

use crate::api::{
    ApiState,
    docs::Always,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::schemas::{image, member, task},
};

/// Show the schema of an image.
#[utoipa::path(
    get, path = "/v2/schemas/image", tag = "schemas", operation_id = "show_image_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn image(
    State(api): State<ApiState>,
    _: Authenticated,
    _: NoBody,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(image::one(&api.discovery)))
}

/// Show the schema of a list of images.
#[utoipa::path(
    get, path = "/v2/schemas/images", tag = "schemas", operation_id = "show_images_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn images(
    State(api): State<ApiState>,
    _: Authenticated,
    _: NoBody,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(image::list(&api.discovery)))
}

/// Show the schema of a member.
#[utoipa::path(
    get, path = "/v2/schemas/member", tag = "schemas", operation_id = "show_member_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn member(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(member::one()))
}

/// Show the schema of a list of members.
#[utoipa::path(
    get, path = "/v2/schemas/members", tag = "schemas", operation_id = "show_members_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn members(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(member::list()))
}

/// Show the schema of a task.
#[utoipa::path(
    get, path = "/v2/schemas/task", tag = "schemas", operation_id = "show_task_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn task(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(task::one()))
}

/// Show the schema of a list of tasks.
#[utoipa::path(
    get, path = "/v2/schemas/tasks", tag = "schemas", operation_id = "show_tasks_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn tasks(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(task::list()))
}
