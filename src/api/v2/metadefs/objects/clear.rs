//! `DELETE /v2/metadefs/namespaces/{namespace}/objects`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState, docs::OnNamespace, error::ApiError, extract::Authenticated,
    v2::metadefs::path::NamespacePath,
};

/// Delete all objects of a namespace.
#[utoipa::path(
    delete, path = "/v2/metadefs/namespaces/{namespace}/objects", tag = "metadefs", operation_id = "delete_objects",
    params(
        ("namespace" = String, Path, description = "The namespace"),
    ),
    responses(
        (status = NO_CONTENT, description = "The namespace has no objects any more"),
        OnNamespace,
    ),
)]
pub(super) async fn clear(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(namespace): NamespacePath,
) -> Result<StatusCode, ApiError> {
    api.metadefs.clear_objects(&caller, &namespace).await?;
    Ok(StatusCode::NO_CONTENT)
}
