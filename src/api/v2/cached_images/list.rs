//! `GET /v2/cached_images`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    ApiState, docs::OnCache, error::ApiError, extract::Authenticated, v2::cache::CachedImageView,
};

/// What the image cache of this node holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CachedImages {
    /// The images.
    cached_images: Vec<CachedImageView>,
}

/// List what the image cache of this node holds, by an older call.
#[utoipa::path(
    get, path = "/v2/cached_images", tag = "cache", operation_id = "list_cached_images",
    responses(
        (status = OK, description = "The images", body = CachedImages),
        OnCache,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<CachedImages>, ApiError> {
    let cached = api.cache_management.cached(&caller).await?;
    Ok(Json(CachedImages {
        cached_images: cached.into_iter().map(Into::into).collect(),
    }))
}
