//! `PUT /v2/metadefs/namespaces/{namespace}/objects/{object}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, JsonObject},
    refusal::ErrorBody,
    v2::metadefs::{
        path::ItemPath,
        wire::{ObjectBody, ObjectView},
    },
};

/// Define an object anew, also under a new name.
#[utoipa::path(
    put, path = "/v2/metadefs/namespaces/{namespace}/objects/{object}", tag = "metadefs", operation_id = "update_object",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("object" = String, Path, description = "The name of the object"),
    ),
    request_body(content = ObjectBody, example = json!({"name": "CPU limits", "description": "What a server may use"})),
    responses(
        (status = OK, description = "The object as it is now", body = ObjectView),
        (status = BAD_REQUEST, description = "A field is not what it may be", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "The namespace has another object of that name",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The body of the request is too large",
        ),
        OnNamespace,
    ),
)]
pub(super) async fn update(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ItemPath(namespace, name): ItemPath,
    JsonObject(body): JsonObject,
) -> Result<Json<ObjectView>, ApiError> {
    let object = ObjectBody(body).into_object()?;
    let object = api
        .metadefs
        .update_object(&caller, &namespace, &name, &object)
        .await?;
    Ok(Json(ObjectView::new(&namespace, object, "")))
}
