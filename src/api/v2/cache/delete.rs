//! `DELETE /v2/cache/{image_id}`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath},
};

/// Take an image out of the image cache of this node.
#[utoipa::path(
    delete, path = "/v2/cache/{image_id}", tag = "cache", operation_id = "delete_image_from_cache",
    params(("image_id" = String, Path, description = "The image")),
    responses(
        (status = NO_CONTENT, description = "It is neither there nor will it be fetched"),
        OnImage,
    ),
)]
pub(super) async fn delete(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
) -> Result<StatusCode, ApiError> {
    api.cache.remove(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
