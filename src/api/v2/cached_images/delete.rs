//! `DELETE /v2/cached_images/{image_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnCache,
    error::ApiError,
    extract::{Authenticated, ImagePath},
};

/// Take an image out of the image cache of this node, by an older call.
#[utoipa::path(
    delete, path = "/v2/cached_images/{image_id}", tag = "cache", operation_id = "delete_cached_image",
    params(("image_id" = String, Path, description = "The image")),
    responses(
        (status = OK, description = "It is not there: null"),
        OnCache,
    ),
)]
pub(super) async fn delete(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
) -> Result<Json<()>, ApiError> {
    api.cache_management.uncache(&caller, id).await?;
    Ok(Json(()))
}
