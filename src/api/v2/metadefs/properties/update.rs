//! `PUT /v2/metadefs/namespaces/{namespace}/properties/{property}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, JsonObject},
    refusal::ErrorBody,
    v2::metadefs::{
        path::ItemPath,
        wire::{PropertyBody, PropertyView},
    },
};

/// Define a property anew, also under a new name.
#[utoipa::path(
    put, path = "/v2/metadefs/namespaces/{namespace}/properties/{property}", tag = "metadefs", operation_id = "update_property",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("property" = String, Path, description = "The name of the property"),
    ),
    request_body(content = PropertyBody, example = json!({"name": "cpu_policy", "title": "CPU policy", "type": "string"})),
    responses(
        (status = OK, description = "The definition as it is now", body = PropertyView),
        (status = BAD_REQUEST, description = "A field is not what it may be", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "The namespace defines another property of that name",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The body of the request is too large",
        ),
        OnNamespace,
    ),
)]
pub(super) async fn update(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ItemPath(namespace, name): ItemPath,
    JsonObject(body): JsonObject,
) -> Result<Json<PropertyView>, ApiError> {
    let property = PropertyBody(body).into_property()?;
    api.metadefs
        .update_property(&caller, &namespace, &name, &property)
        .await?;
    Ok(Json(property.into()))
}
