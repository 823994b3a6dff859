//! `DELETE /v2/queued_images/{image_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnCache,
    error::ApiError,
    extract::{Authenticated, ImagePath},
};

/// Do not fetch an image that the image cache of this node was asked for, by an older call.
#[utoipa::path(
    delete, path = "/v2/queued_images/{image_id}", tag = "cache", operation_id = "delete_queued_image",
    params(("image_id" = String, Path, description = "The image")),
    responses(
        (status = OK, description = "It is not asked for: null"),
        OnCache,
    ),
)]
pub(super) async fn delete(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
) -> Result<Json<()>, ApiError> {
    api.cache_management.unqueue(&caller, id).await?;
    Ok(Json(()))
}
