//! `GET /v2/info/hashing`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    ApiState,
    docs::Always,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
};

/// Which hash algorithms an owner can choose.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HashingInfo {
    /// The algorithm when the owner chose none.
    default: String,
    /// What `os_hash_algo` may be.
    allowed: Vec<String>,
}

/// Tell which hash algorithms an owner can choose.
#[utoipa::path(
    get, path = "/v2/info/hashing", tag = "discovery", operation_id = "show_hashing",
    responses(
        (status = OK, description = "The default and what is allowed", body = HashingInfo),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn hashing(
    State(api): State<ApiState>,
    _: Authenticated,
    _: NoBody,
) -> Result<Json<HashingInfo>, ApiError> {
    let allowed = api.discovery.allowed_algorithms();
    Ok(Json(HashingInfo {
        default: api.discovery.default_algorithm().to_string(),
        allowed: allowed.iter().map(ToString::to_string).collect(),
    }))
}
