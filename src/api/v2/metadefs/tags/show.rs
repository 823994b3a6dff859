//! `GET /v2/metadefs/namespaces/{namespace}/tags/{tag}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::{path::ItemPath, wire::TagView},
};

/// Show a tag of a namespace.
#[utoipa::path(
    get, path = "/v2/metadefs/namespaces/{namespace}/tags/{tag}", tag = "metadefs", operation_id = "show_namespace_tag",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("tag" = String, Path, description = "The name of the tag"),
    ),
    responses(
        (status = OK, description = "The tag", body = TagView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnNamespace,
    ),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ItemPath(namespace, name): ItemPath,
    _: NoBody,
) -> Result<Json<TagView>, ApiError> {
    let tag = api.metadefs.show_tag(&caller, &namespace, &name).await?;
    Ok(Json(tag.into()))
}
