//! `PUT /v2/metadefs/namespaces/{namespace}/tags/{tag}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, JsonObject},
    refusal::ErrorBody,
    v2::metadefs::{
        path::ItemPath,
        wire::{TagBody, TagView},
    },
};

/// Give a tag of a namespace another name.
#[utoipa::path(
    put, path = "/v2/metadefs/namespaces/{namespace}/tags/{tag}", tag = "metadefs", operation_id = "rename_namespace_tag",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("tag" = String, Path, description = "The name of the tag"),
    ),
    request_body(content = TagBody, example = json!({"name": "database"})),
    responses(
        (status = OK, description = "The tag as it is now", body = TagView),
        (status = BAD_REQUEST, description = "A field is not what it may be", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "Another tag of the namespace has that name",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The body of the request is too large",
        ),
        OnNamespace,
    ),
)]
pub(super) async fn rename(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ItemPath(namespace, name): ItemPath,
    JsonObject(body): JsonObject,
) -> Result<Json<TagView>, ApiError> {
    let to = TagBody(body).into_name()?;
    let tag = api
        .metadefs
        .rename_tag(&caller, &namespace, &name, &to)
        .await?;
    Ok(Json(tag.into()))
}
