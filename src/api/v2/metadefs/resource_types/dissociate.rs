//! `DELETE /v2/metadefs/namespaces/{namespace}/resource_types/{resource_type}`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::path::ItemPath,
};

/// Let a namespace apply to a type of resources no longer.
#[utoipa::path(
    delete, path = "/v2/metadefs/namespaces/{namespace}/resource_types/{resource_type}", tag = "metadefs", operation_id = "dissociate_resource_type",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("resource_type" = String, Path, description = "The type"),
    ),
    responses(
        (status = NO_CONTENT, description = "The namespace does not apply to the type any more"),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnNamespace,
    ),
)]
pub(super) async fn dissociate(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ItemPath(namespace, resource_type): ItemPath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.metadefs
        .dissociate(&caller, &namespace, &resource_type)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
