//! `DELETE /v2/metadefs/namespaces/{namespace}/properties/{property}`

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

/// Delete the definition of a property.
#[utoipa::path(
    delete, path = "/v2/metadefs/namespaces/{namespace}/properties/{property}", tag = "metadefs", operation_id = "delete_property",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("property" = String, Path, description = "The name of the property"),
    ),
    responses(
        (status = NO_CONTENT, description = "The definition is gone"),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnNamespace,
    ),
)]
pub(super) async fn delete(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ItemPath(namespace, name): ItemPath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.metadefs
        .delete_property(&caller, &namespace, &name)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
