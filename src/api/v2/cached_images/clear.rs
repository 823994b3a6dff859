//! `DELETE /v2/cached_images`

use axum::{Json, extract::State};

use crate::api::{
    ApiState, docs::OnCache, error::ApiError, extract::Authenticated, v2::cached_images::Deleted,
};

/// Take all images out of the image cache of this node, by an older call.
#[utoipa::path(
    delete, path = "/v2/cached_images", tag = "cache", operation_id = "delete_cached_images",
    responses(
        (status = OK, description = "How many there were", body = Deleted),
        OnCache,
    ),
)]
pub(super) async fn clear(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Deleted>, ApiError> {
    let num_deleted = api.cache_management.uncache_all(&caller).await?;
    Ok(Json(Deleted { num_deleted }))
}
