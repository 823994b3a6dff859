//! `GET /v2/queued_images`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    ApiState, docs::OnCache, error::ApiError, extract::Authenticated, v2::cache::Ids,
};

/// What the image cache of this node is to hold.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueuedImages {
    /// The ids of the images, in the order of the asking.
    queued_images: Vec<String>,
}

/// List what the image cache of this node is to hold, by an older call.
#[utoipa::path(
    get, path = "/v2/queued_images", tag = "cache", operation_id = "list_queued_images",
    responses(
        (status = OK, description = "The images", body = QueuedImages),
        OnCache,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<QueuedImages>, ApiError> {
    let queued = api.cache_management.queued(&caller).await?;
    Ok(Json(QueuedImages {
        queued_images: Ids(queued).into(),
    }))
}
