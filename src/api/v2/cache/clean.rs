//! `POST /v2/cache/clean`

use axum::extract::State;
use http::StatusCode;

use crate::api::{ApiState, docs::OnCache, error::ApiError, extract::Authenticated};

/// Remove what does not belong into the image cache of this node.
#[utoipa::path(
    post, path = "/v2/cache/clean", tag = "cache", operation_id = "clean_cache",
    responses(
        (status = OK, description = "Nothing is left of deleted images"),
        OnCache,
    ),
)]
pub(super) async fn clean(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
) -> Result<StatusCode, ApiError> {
    api.cache.clean(&caller).await?;
    Ok(StatusCode::OK)
}
