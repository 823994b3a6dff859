//! `GET /v2/metadefs/namespaces/{namespace}/properties`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::{path::NamespacePath, wire::PropertyListView},
};

/// List the properties that a namespace defines.
#[utoipa::path(
    get, path = "/v2/metadefs/namespaces/{namespace}/properties", tag = "metadefs", operation_id = "list_properties",
    params(
        ("namespace" = String, Path, description = "The namespace"),
    ),
    responses(
        (status = OK, description = "The definitions", body = PropertyListView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnNamespace,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(namespace): NamespacePath,
    _: NoBody,
) -> Result<Json<PropertyListView>, ApiError> {
    let properties = api.metadefs.list_properties(&caller, &namespace).await?;
    Ok(Json(properties.into()))
}
