//! `POST /v2/images/{image_id}/actions/verify`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
};

/// Read every copy of an image's data again.
#[utoipa::path(
    post, path = "/v2/images/{image_id}/actions/verify", tag = "actions", operation_id = "verify_image",
    params(("image_id" = String, Path, description = "The image, which has data")),
    responses(
        (
            status = ACCEPTED,
            description = "The copies will be read; the image's digests tell what came of it",
        ),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (status = CONFLICT, description = "The image has no data", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn verify(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.checks.verify(&caller, id).await?;
    Ok(StatusCode::ACCEPTED)
}
