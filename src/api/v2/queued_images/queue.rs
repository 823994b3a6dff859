//! `PUT /v2/queued_images/{image_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnCache,
    error::ApiError,
    extract::{Authenticated, ImagePath},
};

/// Have an image brought into the image cache of this node, by an older call.
#[utoipa::path(
    put, path = "/v2/queued_images/{image_id}", tag = "cache", operation_id = "queue_image",
    params(("image_id" = String, Path, description = "The image")),
    responses(
        (status = OK, description = "It will be fetched, if that can be: null"),
        OnCache,
    ),
)]
pub(super) async fn queue(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
) -> Result<Json<()>, ApiError> {
    api.cache_management.queue(&caller, id).await?;
    Ok(Json(()))
}
