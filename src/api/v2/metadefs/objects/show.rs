//! `GET /v2/metadefs/namespaces/{namespace}/objects/{object}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::{path::ItemPath, wire::ObjectView},
};

/// Show an object.
#[utoipa::path(
    get, path = "/v2/metadefs/namespaces/{namespace}/objects/{object}", tag = "metadefs", operation_id = "show_object",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("object" = String, Path, description = "The name of the object"),
    ),
    responses(
        (status = OK, description = "The object", body = ObjectView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnNamespace,
    ),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ItemPath(namespace, name): ItemPath,
    _: NoBody,
) -> Result<Json<ObjectView>, ApiError> {
    let object = api.metadefs.show_object(&caller, &namespace, &name).await?;
    Ok(Json(ObjectView::new(&namespace, object, "")))
}
