//! `POST /v2/metadefs/namespaces/{namespace}/objects`

use axum::{Json, extract::State};
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, JsonObject},
    refusal::ErrorBody,
    v2::metadefs::{
        path::NamespacePath,
        wire::{ObjectBody, ObjectView},
    },
};

/// Define an object: a group of properties.
#[utoipa::path(
    post, path = "/v2/metadefs/namespaces/{namespace}/objects", tag = "metadefs", operation_id = "create_object",
    params(
        ("namespace" = String, Path, description = "The namespace"),
    ),
    request_body(content = ObjectBody, example = json!({"name": "CPU limits", "properties": {"quota": {"title": "Quota", "type": "integer"}}})),
    responses(
        (status = CREATED, description = "The object", body = ObjectView),
        (status = BAD_REQUEST, description = "A field is not what it may be", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "The namespace has an object of that name",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The namespace has as many as it may have, or the body is too large",
        ),
        OnNamespace,
    ),
)]
pub(super) async fn create(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(namespace): NamespacePath,
    JsonObject(body): JsonObject,
) -> Result<(StatusCode, Json<ObjectView>), ApiError> {
    let object = ObjectBody(body).into_object()?;
    let object = api
        .metadefs
        .create_object(&caller, &namespace, object)
        .await?;
    let view = ObjectView::new(&namespace, object, "");
    Ok((StatusCode::CREATED, Json(view)))
}
