//! `GET /v2/metadefs/namespaces/{namespace}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::{path::NamespacePath, query::AppliedTo, wire::NamespaceView},
};

/// Show a namespace with all that is in it.
#[utoipa::path(
    get, path = "/v2/metadefs/namespaces/{namespace}", tag = "metadefs", operation_id = "show_namespace",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("resource_type" = Option<String>, Query, description = "The type of resources whose prefix is put before the names of properties"),
    ),
    responses(
        (status = OK, description = "The namespace", body = NamespaceView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnNamespace,
    ),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(name): NamespacePath,
    AppliedTo(resource_type): AppliedTo,
    _: NoBody,
) -> Result<Json<NamespaceView>, ApiError> {
    let tree = api.metadefs.show_namespace(&caller, &name).await?;
    Ok(Json(NamespaceView::of_tree(tree, resource_type.as_deref())))
}
