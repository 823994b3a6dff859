//! `GET /v2/cache`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnCache,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::cache::wire::CacheView,
};

/// Show what the image cache of this node holds, and what it is to hold.
#[utoipa::path(
    get, path = "/v2/cache", tag = "cache", operation_id = "show_cache",
    responses(
        (status = OK, description = "The images", body = CacheView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnCache,
    ),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    _: NoBody,
) -> Result<Json<CacheView>, ApiError> {
    Ok(Json(api.cache.state(&caller).await?.into()))
}
