//! `POST /v2/images/{image_id}/locations`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, JsonObject},
    refusal::ErrorBody,
    v2::locations::wire::RegisterBody,
};

/// Register a place as that of an image's bytes.
#[utoipa::path(
    post, path = "/v2/images/{image_id}/locations", tag = "imports",
    operation_id = "register_location",
    params(("image_id" = String, Path, description = "The image, which has its formats")),
    request_body(content = RegisterBody, example = json!({
        "url": "https://example.com/cirros.img",
        "checksum": "sha256:a8dd75ecffd4cdd96072d60c2237b448e0c8b2bc94d57f10fdbc8c481d9005b8",
    })),
    responses(
        (status = ACCEPTED, description = "The place is being read; the image's task tells how it goes"),
        (status = BAD_REQUEST, description = "The body makes no sense", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "The image's status or its algorithm forbids it, or somebody works on it",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "A quota is used up, or the body is too large",
        ),
        (
            status = SERVICE_UNAVAILABLE, body = ErrorBody,
            description = "The limits of the project cannot be reached",
        ),
        OnImage,
    ),
)]
pub(super) async fn register(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    JsonObject(body): JsonObject,
) -> Result<StatusCode, ApiError> {
    let call = RegisterBody(body).into_call()?;
    api.locations.register(&caller, id, call).await?;
    Ok(StatusCode::ACCEPTED)
}
