//! `DELETE /v2/queued_images`

use axum::{Json, extract::State};

use crate::api::{
    ApiState, docs::OnCache, error::ApiError, extract::Authenticated, v2::cached_images::Deleted,
};

/// Fetch none of the images that the image cache of this node was asked for, by an older call.
#[utoipa::path(
    delete, path = "/v2/queued_images", tag = "cache", operation_id = "delete_queued_images",
    responses(
        (status = OK, description = "How many there were", body = Deleted),
        OnCache,
    ),
)]
pub(super) async fn clear(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Deleted>, ApiError> {
    let num_deleted = api.cache_management.unqueue_all(&caller).await?;
    Ok(Json(Deleted { num_deleted }))
}
