//! `GET /v2/metadefs/namespaces/{namespace}/resource_types`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::{path::NamespacePath, wire::AssociationListView},
};

/// List the types of resources that a namespace applies to.
#[utoipa::path(
    get, path = "/v2/metadefs/namespaces/{namespace}/resource_types", tag = "metadefs", operation_id = "list_namespace_resource_types",
    params(
        ("namespace" = String, Path, description = "The namespace"),
    ),
    responses(
        (status = OK, description = "The types", body = AssociationListView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnNamespace,
    ),
)]
pub(super) async fn list_of_namespace(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(namespace): NamespacePath,
    _: NoBody,
) -> Result<Json<AssociationListView>, ApiError> {
    let associations = api.metadefs.list_associations(&caller, &namespace).await?;
    Ok(Json(associations.into()))
}
