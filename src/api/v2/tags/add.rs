//! `PUT /v2/images/{image_id}/tags/{tag}`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, NoBody, TagPath},
    refusal::ErrorBody,
};

/// Give an image a tag.
#[utoipa::path(
    put, path = "/v2/images/{image_id}/tags/{tag}", tag = "tags", operation_id = "add_tag",
    params(
        ("image_id" = String, Path, description = "The image"),
        ("tag" = String, Path, description = "The tag, of at most 255 characters"),
    ),
    responses(
        (status = NO_CONTENT, description = "The image has the tag"),
        (
            status = BAD_REQUEST, body = ErrorBody,
            description = "The tag is too long or cannot be kept, or there is a body",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The image has as many tags as it may have",
        ),
        OnImage,
    ),
)]
pub(super) async fn add(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    TagPath(id, tag): TagPath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.images.add_tag(&caller, id, &tag).await?;
    Ok(StatusCode::NO_CONTENT)
}
