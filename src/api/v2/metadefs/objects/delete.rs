//! `DELETE /v2/metadefs/namespaces/{namespace}/objects/{object}`

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

/// Delete an object.
#[utoipa::path(
    delete, path = "/v2/metadefs/namespaces/{namespace}/objects/{object}", tag = "metadefs", operation_id = "delete_object",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("object" = String, Path, description = "The name of the object"),
    ),
    responses(
        (status = NO_CONTENT, description = "The object is gone"),
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
        .delete_object(&caller, &namespace, &name)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
