//! `POST /v2/images/{image_id}/actions/reactivate`

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

/// Open the data of an image again.
#[utoipa::path(
    post, path = "/v2/images/{image_id}/actions/reactivate", tag = "actions", operation_id = "reactivate_image",
    params(("image_id" = String, Path, description = "The image, which has data")),
    responses(
        (status = NO_CONTENT, description = "Its data can be read again"),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (status = CONFLICT, description = "Another request is changing it", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn reactivate(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.images.reactivate(&caller, id).await.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}
