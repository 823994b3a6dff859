//! `PUT /v2/metadefs/namespaces/{namespace}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, JsonObject},
    refusal::ErrorBody,
    v2::metadefs::{
        path::NamespacePath,
        wire::{NamespaceBody, NamespaceView},
    },
};

/// Describe a namespace anew. What is in it stays, also under a new name.
#[utoipa::path(
    put, path = "/v2/metadefs/namespaces/{namespace}", tag = "metadefs", operation_id = "update_namespace",
    params(
        ("namespace" = String, Path, description = "The namespace"),
    ),
    request_body(content = NamespaceBody, example = json!({"namespace": "OS::Compute::Example", "protected": true})),
    responses(
        (
            status = OK, body = NamespaceView,
            description = "The namespace as it is now, without what is in it",
        ),
        (status = BAD_REQUEST, description = "A field is not what it may be", body = ErrorBody),
        (status = CONFLICT, description = "Another namespace has that name", body = ErrorBody),
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
    NamespacePath(name): NamespacePath,
    JsonObject(body): JsonObject,
) -> Result<Json<NamespaceView>, ApiError> {
    let (namespace, _) = NamespaceBody(body).into_namespace()?;
    let updated = api
        .metadefs
        .update_namespace(&caller, &name, namespace)
        .await?;
    Ok(Json(updated.into()))
}
