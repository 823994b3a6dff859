//! `POST /v2/metadefs/namespaces/{namespace}/tags/{tag}`

use axum::{Json, extract::State};
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::{path::NewItemPath, wire::TagView},
};

/// Add a tag to a namespace.
#[utoipa::path(
    post, path = "/v2/metadefs/namespaces/{namespace}/tags/{tag}", tag = "metadefs", operation_id = "create_namespace_tag",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("tag" = String, Path, description = "The name of the tag"),
    ),
    responses(
        (status = CREATED, description = "The tag", body = TagView),
        (
            status = BAD_REQUEST, body = ErrorBody,
            description = "The name cannot be kept, or there is a body",
        ),
        (status = CONFLICT, description = "The namespace has the tag already", body = ErrorBody),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The namespace has as many as it may have, or the body is too large",
        ),
        OnNamespace,
    ),
)]
pub(super) async fn create(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NewItemPath(namespace, name): NewItemPath,
    _: NoBody,
) -> Result<(StatusCode, Json<TagView>), ApiError> {
    let tag = api.metadefs.create_tag(&caller, &namespace, name).await?;
    Ok((StatusCode::CREATED, Json(tag.into())))
}
