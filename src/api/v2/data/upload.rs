//! `PUT /v2/images/{image_id}/file`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath},
    refusal::ErrorBody,
    v2::data::octets::Octets,
};

/// Upload the data of an image.
#[utoipa::path(
    put, path = "/v2/images/{image_id}/file", tag = "data", operation_id = "upload_image",
    params(
        ("image_id" = String, Path, description = "The image, which is queued and has its formats"),
        (
            "X-Image-Meta-Store" = Option<String>, Header,
            description = "With several stores: the one to use",
        ),
        (
            "x-openstack-image-size" = Option<u64>, Header,
            description = "The number of bytes; 0 if not known",
        ),
    ),
    request_body(content_type = "application/octet-stream", description = "The bytes"),
    responses(
        (status = NO_CONTENT, description = "The image is active"),
        (
            status = BAD_REQUEST, body = ErrorBody,
            description = "A header makes no sense, a format is not set, or the bytes broke off or are not as many as announced",
        ),
        (status = CONFLICT, description = "The image is not queued", body = ErrorBody),
        (status = GONE, description = "The image was deleted meanwhile", body = ErrorBody),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "There are more bytes than the registry takes, or a quota is used up",
        ),
        (
            status = UNSUPPORTED_MEDIA_TYPE, body = ErrorBody,
            description = "The Content-Type is another, or the data are of another format than declared, or unsafe",
        ),
        (
            status = SERVICE_UNAVAILABLE, body = ErrorBody,
            description = "The store or the limits of the project cannot be reached",
        ),
        OnImage,
    ),
)]
pub(super) async fn upload(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    Octets(upload): Octets,
) -> Result<StatusCode, ApiError> {
    api.data.upload(&caller, id, upload).await?;
    Ok(StatusCode::NO_CONTENT)
}
