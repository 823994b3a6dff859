//! `GET /v2/cache/nodes/{image_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
};

/// List the nodes whose image caches hold an image.
#[utoipa::path(
    get, path = "/v2/cache/nodes/{image_id}", tag = "cache", operation_id = "list_cached_nodes",
    params(("image_id" = String, Path, description = "The image")),
    responses(
        (status = OK, description = "The addresses of the nodes", body = Vec<String>),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "image_cache_driver is none by which nodes know of each other",
        ),
        OnImage,
    ),
)]
pub(super) async fn nodes(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(api.cache.nodes(&caller, id).await?))
}
