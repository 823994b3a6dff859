//! `POST /v2/metadefs/namespaces/{namespace}/tags`

use axum::{Json, extract::State};
use http::{HeaderMap, StatusCode};

use crate::{
    api::{
        ApiState,
        docs::OnNamespace,
        error::ApiError,
        extract::{Authenticated, JsonObject},
        refusal::ErrorBody,
        v2::metadefs::{
            path::NamespacePath,
            wire::{TagListBody, TagListView},
        },
    },
    service::OldTags,
};

/// Set the tags of a namespace, or add to them.
#[utoipa::path(
    post, path = "/v2/metadefs/namespaces/{namespace}/tags", tag = "metadefs", operation_id = "create_namespace_tags",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("X-Openstack-Append" = Option<bool>, Header, description = "Whether the tags that are there stay"),
    ),
    request_body(content = TagListBody, example = json!({"tags": [{"name": "database"}, {"name": "web"}]})),
    responses(
        (status = CREATED, description = "The tags of the request", body = TagListView),
        (status = BAD_REQUEST, description = "A field is not what it may be", body = ErrorBody),
        (status = CONFLICT, description = "The namespace would have a tag twice", body = ErrorBody),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The namespace has as many as it may have, or the body is too large",
        ),
        OnNamespace,
    ),
)]
pub(super) async fn create_all(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(namespace): NamespacePath,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> Result<(StatusCode, Json<TagListView>), ApiError> {
    let names = TagListBody(body).into_names()?;
    api.metadefs
        .create_tags(&caller, &namespace, &names, old_tags(&headers))
        .await?;
    Ok((StatusCode::CREATED, Json(names.into_iter().collect())))
}

/// Whether the old tags stay, as the header says in one of the words that Glance knows for yes.
fn old_tags(headers: &HeaderMap) -> OldTags {
    let word = headers
        .get("x-openstack-append")
        .and_then(|value| value.to_str().ok())
        .map(|word| word.trim().to_ascii_lowercase());
    match word.as_deref() {
        Some("true" | "t" | "1" | "yes" | "y" | "on") => OldTags::Kept,
        _ => OldTags::Replaced,
    }
}
