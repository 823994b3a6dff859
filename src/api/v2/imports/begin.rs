//! `POST /v2/images/{image_id}/import`

use axum::extract::State;
use http::{HeaderMap, StatusCode};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, JsonObject, store_header},
    refusal::ErrorBody,
    v2::imports::wire::ImportBody,
};

/// Begin to import data into an image.
#[utoipa::path(
    post, path = "/v2/images/{image_id}/import", tag = "imports", operation_id = "import_image",
    params(
        ("image_id" = String, Path, description = "The image, which has its formats"),
        ("X-Image-Meta-Store" = Option<String>, Header, description = "The one store to fill"),
    ),
    request_body(content = ImportBody, example = json!({
        "method": {"name": "web-download", "uri": "https://example.com/cirros.img"},
        "stores": ["fast"], "all_stores_must_succeed": true,
    })),
    responses(
        (status = ACCEPTED, description = "The import has begun; its task tells how it goes"),
        (status = BAD_REQUEST, description = "The body makes no sense", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "The image's status or a missing format forbids it, a store is unknown, or an import is going on",
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
pub(super) async fn begin(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> Result<StatusCode, ApiError> {
    let store = store_header(&headers)?;
    let call = ImportBody(body).into_call(api.discovery.import_methods(), store)?;
    api.imports.begin(&caller, id, call).await?;
    Ok(StatusCode::ACCEPTED)
}
