//! `PATCH /v2/images/{image_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath},
    refusal::ErrorBody,
    v2::images::{formats::Formats, patch::PatchBody, wire::ImageView},
};

/// Change the description of an image.
#[utoipa::path(
    patch, path = "/v2/images/{image_id}", tag = "images", operation_id = "update_image",
    params(("image_id" = String, Path, description = "The image to change")),
    request_body(
        description = "Operations, all of which are done or none",
        content(
            (Vec<Object> = "application/openstack-images-v2.1-json-patch", example = json!([{"op": "replace", "path": "/name", "value": "cirros"}])),
            (Vec<Object> = "application/openstack-images-v2.0-json-patch", example = json!([{"replace": "/name", "value": "cirros"}])),
        ),
    ),
    responses(
        (status = OK, description = "The image as it is now", body = ImageView),
        (status = BAD_REQUEST, description = "An operation makes no sense", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "A property to replace or remove is not there, or one to add is; the status or known digests forbid a location",
        ),
        (
            status = GONE, body = ErrorBody,
            description = "The image was deleted while its new locations were read",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "A quota is used up, or the body is too large",
        ),
        (status = UNSUPPORTED_MEDIA_TYPE, description = "The body is no patch", body = ErrorBody, headers(
            ("Accept-Patch" = String, description = "The media types of a patch"),
        )),
        OnImage,
    ),
)]
pub(super) async fn update(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    patch: PatchBody,
) -> Result<Json<ImageView>, ApiError> {
    let operations = patch.into_operations(Formats::of(&api.discovery))?;
    let image = api.images.update(&caller, id, operations).await?;
    Ok(Json(image.into()))
}
