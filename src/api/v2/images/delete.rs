//! `DELETE /v2/images/{image_id}`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
};

/// Delete an image and its data.
#[utoipa::path(
    delete, path = "/v2/images/{image_id}", tag = "images", operation_id = "delete_image",
    params(("image_id" = String, Path, description = "The image to delete")),
    responses(
        (status = NO_CONTENT, description = "The image is gone"),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (status = CONFLICT, description = "Another request is changing it", body = ErrorBody),
        (
            status = SERVICE_UNAVAILABLE, body = ErrorBody,
            description = "The store cannot be reached",
        ),
        OnImage,
    ),
)]
pub(super) async fn delete(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.images.delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
