//! `DELETE /v2/images/{image_id}/tags/{tag}`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, NoBody, TagPath},
    refusal::ErrorBody,
};

/// Take a tag from an image.
#[utoipa::path(
    delete, path = "/v2/images/{image_id}/tags/{tag}", tag = "tags", operation_id = "remove_tag",
    params(
        ("image_id" = String, Path, description = "The image"),
        ("tag" = String, Path, description = "The tag, of at most 255 characters"),
    ),
    responses(
        (status = NO_CONTENT, description = "The image does not have the tag any more"),
        (
            status = BAD_REQUEST, body = ErrorBody,
            description = "The tag is too long or cannot be kept, or there is a body",
        ),
        OnImage,
    ),
)]
pub(super) async fn remove(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    TagPath(id, tag): TagPath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.images.remove_tag(&caller, id, &tag).await?;
    Ok(StatusCode::NO_CONTENT)
}
