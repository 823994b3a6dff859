//! `POST /v2/metadefs/namespaces`

use axum::{Json, extract::State};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::api::{
    ApiState,
    base_url::BaseUrl,
    docs::Always,
    error::ApiError,
    extract::{Authenticated, JsonObject},
    refusal::ErrorBody,
    v2::metadefs::wire::{NamespaceBody, NamespaceView},
};

/// Create a namespace with what is to be in it.
#[utoipa::path(
    post, path = "/v2/metadefs/namespaces", tag = "metadefs", operation_id = "create_namespace",
    request_body(content = NamespaceBody, example = json!({"namespace": "OS::Compute::Example", "visibility": "public"})),
    responses(
        (
            status = CREATED, body = NamespaceView,
            description = "The namespace with all that is in it",
        ),
        (status = BAD_REQUEST, description = "A field is not what it may be", body = ErrorBody),
        (
            status = FORBIDDEN, body = ErrorBody,
            description = "The caller may not, or a field is the registry's to set",
        ),
        (
            status = CONFLICT, body = ErrorBody,
            description = "A namespace has that name, or a name in it stands twice",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The namespace has as many as it may have, or the body is too large",
        ),
        Always,
    ),
)]
pub(super) async fn create(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    base: BaseUrl,
    JsonObject(body): JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<NamespaceView>), ApiError> {
    let (namespace, contents) = NamespaceBody(body).into_namespace()?;
    let tree = api
        .metadefs
        .create_namespace(&caller, namespace, contents)
        .await?;
    let view = NamespaceView::of_tree(tree, None);
    let location = HeaderValue::try_from(format!("{}{}", base.0, view.path())).ok();
    let headers = location.map(|location| (header::LOCATION, location));
    Ok((
        StatusCode::CREATED,
        headers.into_iter().collect(),
        Json(view),
    ))
}
