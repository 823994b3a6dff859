//! `GET /v2/metadefs/namespaces`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::Always,
    error::ApiError,
    extract::Authenticated,
    refusal::ErrorBody,
    v2::metadefs::{query::NamespaceListRequest, wire::NamespaceListView},
};

/// List namespaces of metadata definitions, page by page.
#[utoipa::path(
    get, path = "/v2/metadefs/namespaces", tag = "metadefs", operation_id = "list_namespaces",
    params(
        ("limit" = Option<u32>, Query, description = "How many at most"),
        ("marker" = Option<String>, Query, description = "The last one of the page before"),
        ("sort_dir" = Option<String>, Query, description = "`asc` or `desc`"),
        ("sort_key" = Option<String>, Query, description = "`namespace`, `display_name`, `visibility`, `owner`, `created_at` or `updated_at`"),
        ("visibility" = Option<String>, Query, description = "`public` or `private`"),
        ("protected" = Option<bool>, Query, description = "Protected or not"),
        ("resource_types" = Option<String>, Query, description = "Types of resources, to one of which they apply"),
    ),
    responses(
        (status = OK, description = "A page of namespaces", body = NamespaceListView),
        (status = BAD_REQUEST, description = "A parameter is not what it may be", body = ErrorBody),
        (status = FORBIDDEN, description = "The caller may not list namespaces", body = ErrorBody),
        (
            status = NOT_FOUND, body = ErrorBody,
            description = "There is no such marker that the caller may see",
        ),
        Always,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespaceListRequest { query, links }: NamespaceListRequest,
) -> Result<Json<NamespaceListView>, ApiError> {
    let page = api.metadefs.list_namespaces(&caller, query).await?;
    Ok(Json(NamespaceListView::new(page, &links)))
}
