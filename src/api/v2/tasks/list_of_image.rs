//! `GET /v2/images/{image_id}/tasks`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
    v2::tasks::wire::ImageTasksView,
};

/// List the tasks that work, or worked, on an image.
#[utoipa::path(
    get, path = "/v2/images/{image_id}/tasks", tag = "imports", operation_id = "list_image_tasks",
    params(("image_id" = String, Path, description = "The image")),
    responses(
        (status = OK, description = "Those of the caller's tasks that are still recorded", body = ImageTasksView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn list_of_image(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<Json<ImageTasksView>, ApiError> {
    let tasks = api.imports.tasks(&caller, id).await?;
    Ok(Json(tasks.into()))
}
