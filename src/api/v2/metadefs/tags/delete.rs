//! `DELETE /v2/metadefs/namespaces/{namespace}/tags/{tag}`

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

/// Take a tag from a namespace.
#[utoipa::path(
    delete, path = "/v2/metadefs/namespaces/{namespace}/tags/{tag}", tag = "metadefs", operation_id = "delete_namespace_tag",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("tag" = String, Path, description = "The name of the tag"),
    ),
    responses(
        (status = NO_CONTENT, description = "The namespace does not have the tag any more"),
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
    api.metadefs.delete_tag(&caller, &namespace, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
