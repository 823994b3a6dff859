//! `DELETE /v2/cache`

use axum::extract::State;
use http::{HeaderMap, HeaderName, StatusCode};

use crate::{
    api::{ApiState, docs::OnCache, error::ApiError, extract::Authenticated, refusal::ErrorBody},
    service::Emptied,
};

const TARGET: HeaderName = HeaderName::from_static("x-image-cache-clear-target");

/// Empty the image cache of this node.
#[utoipa::path(
    delete, path = "/v2/cache", tag = "cache", operation_id = "clear_cache",
    params((
        "x-image-cache-clear-target" = Option<String>, Header,
        description = "What is emptied: cache, queue (what is to be fetched), or both if it is absent",
    )),
    responses(
        (status = NO_CONTENT, description = "It is empty"),
        (status = BAD_REQUEST, description = "The header says something else", body = ErrorBody),
        OnCache,
    ),
)]
pub(super) async fn clear(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    api.cache.empty(&caller, target(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the header says.
fn target(headers: &HeaderMap) -> Result<Emptied, ApiError> {
    let value = headers.get(TARGET).map_or(Ok(""), |value| value.to_str());
    match value.map(str::to_ascii_lowercase).as_deref() {
        Ok("") => Ok(Emptied::Both),
        Ok("cache") => Ok(Emptied::Cache),
        Ok("queue") => Ok(Emptied::Queue),
        _ => Err(ApiError::Invalid(
            "If provided 'x-image-cache-clear-target' must be 'cache', 'queue' or empty string."
                .into(),
        )),
    }
}
