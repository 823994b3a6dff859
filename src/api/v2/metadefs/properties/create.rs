//! `POST /v2/metadefs/namespaces/{namespace}/properties`

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
        wire::{PropertyBody, PropertyView},
    },
};

/// Define a property.
#[utoipa::path(
    post, path = "/v2/metadefs/namespaces/{namespace}/properties", tag = "metadefs", operation_id = "create_property",
    params(
        ("namespace" = String, Path, description = "The namespace"),
    ),
    request_body(content = PropertyBody, example = json!({"name": "cpu_policy", "title": "CPU policy", "type": "string", "enum": ["shared", "dedicated"]})),
    responses(
        (status = CREATED, description = "The definition", body = PropertyView),
        (status = BAD_REQUEST, description = "A field is not what it may be", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "The namespace defines a property of that name",
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
) -> Result<(StatusCode, Json<PropertyView>), ApiError> {
    let property = PropertyBody(body).into_property()?;
    api.metadefs
        .create_property(&caller, &namespace, &property)
        .await?;
    Ok((StatusCode::CREATED, Json(property.into())))
}
