//! `POST /v2/cache/prune`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{ApiState, docs::OnCache, error::ApiError, extract::Authenticated};

/// What left the image cache to make room.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Pruned {
    /// How many files.
    total_files_pruned: u64,
    /// How many bytes they had.
    total_bytes_pruned: u64,
}

/// Make the image cache of this node no larger than it may be.
#[utoipa::path(
    post, path = "/v2/cache/prune", tag = "cache", operation_id = "prune_cache",
    responses(
        (status = OK, description = "What left the cache", body = Pruned),
        OnCache,
    ),
)]
pub(super) async fn prune(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Pruned>, ApiError> {
    let (files, bytes) = api.cache.prune(&caller).await?;
    Ok(Json(Pruned {
        total_files_pruned: files,
        total_bytes_pruned: bytes,
    }))
}
