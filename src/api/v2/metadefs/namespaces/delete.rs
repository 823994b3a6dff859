//! `DELETE /v2/metadefs/namespaces/{namespace}`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::path::NamespacePath,
};

/// Delete a namespace with all that is in it.
#[utoipa::path(
    delete, path = "/v2/metadefs/namespaces/{namespace}", tag = "metadefs", operation_id = "delete_namespace",
    params(
        ("namespace" = String, Path, description = "The namespace"),
    ),
    responses(
        (status = NO_CONTENT, description = "The namespace is gone"),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnNamespace,
    ),
)]
pub(super) async fn delete(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(name): NamespacePath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.metadefs.delete_namespace(&caller, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
