//! `DELETE /v2/metadefs/namespaces/{namespace}/properties`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState, docs::OnNamespace, error::ApiError, extract::Authenticated,
    v2::metadefs::path::NamespacePath,
};

/// Delete all properties of a namespace.
#[utoipa::path(
    delete, path = "/v2/metadefs/namespaces/{namespace}/properties", tag = "metadefs", operation_id = "delete_properties",
    params(
        ("namespace" = String, Path, description = "The namespace"),
    ),
    responses(
        (status = NO_CONTENT, description = "The namespace has no properties any more"),
        OnNamespace,
    ),
)]
pub(super) async fn clear(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(namespace): NamespacePath,
) -> Result<StatusCode, ApiError> {
    api.metadefs.clear_properties(&caller, &namespace).await?;
    Ok(StatusCode::NO_CONTENT)
}
