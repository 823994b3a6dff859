//! `POST /v2/images/{image_id}/hash`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, JsonObject},
    refusal::ErrorBody,
    v2::digests::wire::HashBody,
};

/// Find a further digest of an image's data.
#[utoipa::path(
    post, path = "/v2/images/{image_id}/hash", tag = "digests", operation_id = "hash_image",
    params(("image_id" = String, Path, description = "The image, which is active")),
    request_body(content = HashBody, example = json!({"os_hash_algo": "sha256"})),
    responses(
        (
            status = ACCEPTED,
            description = "A copy will be read, unless the digest is known; it will be among the image's digests",
        ),
        (
            status = BAD_REQUEST, body = ErrorBody,
            description = "The body makes no sense, or the algorithm is not allowed",
        ),
        (
            status = CONFLICT, body = ErrorBody,
            description = "The image is not active, or none of its copies may be sound",
        ),
        (status = PAYLOAD_TOO_LARGE, description = "The body is too large", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn find(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    JsonObject(body): JsonObject,
) -> Result<StatusCode, ApiError> {
    let algorithm = HashBody::algorithm(body)?;
    api.checks.hash(&caller, id, &algorithm).await?;
    Ok(StatusCode::ACCEPTED)
}
