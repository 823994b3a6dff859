//! `GET /v2/metadefs/namespaces/{namespace}/tags`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::{path::NamespacePath, query::TagListRequest, wire::TagListView},
};

/// List the tags of a namespace.
#[utoipa::path(
    get, path = "/v2/metadefs/namespaces/{namespace}/tags", tag = "metadefs", operation_id = "list_namespace_tags",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("limit" = Option<u32>, Query, description = "How many at most"),
        ("marker" = Option<String>, Query, description = "The last one of the page before"),
        ("sort_dir" = Option<String>, Query, description = "`asc` or `desc`"),
        ("sort_key" = Option<String>, Query, description = "`name`, `created_at` or `updated_at`"),
    ),
    responses(
        (status = OK, description = "The tags", body = TagListView),
        (
            status = BAD_REQUEST, body = ErrorBody,
            description = "There is a body, or a parameter is not what it may be",
        ),
        OnNamespace,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(namespace): NamespacePath,
    TagListRequest(query): TagListRequest,
    _: NoBody,
) -> Result<Json<TagListView>, ApiError> {
    let tags = api.metadefs.list_tags(&caller, &namespace, &query).await?;
    Ok(Json(tags.into_iter().map(|tag| tag.what).collect()))
}
