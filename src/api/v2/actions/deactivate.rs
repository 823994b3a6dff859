//! `POST /v2/images/{image_id}/actions/deactivate`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
    v2::actions::refusal,
};

/// Close the data of an image to all but administrators.
#[utoipa::path(
    post, path = "/v2/images/{image_id}/actions/deactivate", tag = "actions", operation_id = "deactivate_image",
    params(("image_id" = String, Path, description = "The image, which has data")),
    responses(
        (status = NO_CONTENT, description = "Only administrators can read its data"),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (status = CONFLICT, description = "Another request is changing it", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn deactivate(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.images.deactivate(&caller, id).await.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}
