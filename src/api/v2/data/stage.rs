//! `PUT /v2/images/{image_id}/stage`

use axum::extract::State;
use http::StatusCode;

use crate::{
    api::{
        ApiState,
        docs::OnImage,
        error::ApiError,
        extract::{Authenticated, ImagePath},
        refusal::ErrorBody,
        v2::data::octets::Octets,
    },
    service::Upload,
};

/// Stage the data of an image for an import.
#[utoipa::path(
    put, path = "/v2/images/{image_id}/stage", tag = "data", operation_id = "stage_image",
    params(
        ("image_id" = String, Path, description = "The image, which is queued"),
        (
            "x-openstack-image-size" = Option<u64>, Header,
            description = "The number of bytes; 0 if not known",
        ),
    ),
    request_body(content_type = "application/octet-stream", description = "The bytes"),
    responses(
        (status = NO_CONTENT, description = "The bytes can be imported"),
        (
            status = BAD_REQUEST, body = ErrorBody,
            description = "A header makes no sense, or the bytes broke off or are not as many as announced",
        ),
        (status = CONFLICT, description = "The image is not queued", body = ErrorBody),
        (status = GONE, description = "The image was deleted meanwhile", body = ErrorBody),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "There are more bytes than the registry takes, or a quota is used up",
        ),
        (
            status = UNSUPPORTED_MEDIA_TYPE, body = ErrorBody,
            description = "The Content-Type is another",
        ),
        (
            status = SERVICE_UNAVAILABLE, body = ErrorBody,
            description = "The staging area or the limits of the project cannot be reached",
        ),
        OnImage,
    ),
)]
pub(super) async fn stage(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    Octets(upload): Octets,
) -> Result<StatusCode, ApiError> {
    // The stores are named by the import.
    let upload = Upload {
        store: None,
        ..upload
    };
    api.data.stage(&caller, id, upload).await?;
    Ok(StatusCode::NO_CONTENT)
}
