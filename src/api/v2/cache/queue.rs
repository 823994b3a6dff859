//! `PUT /v2/cache/{image_id}`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath},
    refusal::ErrorBody,
};

/// Have an image brought into the image cache of this node.
#[utoipa::path(
    put, path = "/v2/cache/{image_id}", tag = "cache", operation_id = "queue_image_for_cache",
    params(("image_id" = String, Path, description = "The image, which is active")),
    responses(
        (status = ACCEPTED, description = "It will be fetched"),
        (status = BAD_REQUEST, description = "The image is not active", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn queue(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
) -> Result<StatusCode, ApiError> {
    api.cache.queue(&caller, id).await?;
    Ok(StatusCode::ACCEPTED)
}
