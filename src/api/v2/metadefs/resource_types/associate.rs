//! `POST /v2/metadefs/namespaces/{namespace}/resource_types`

use axum::{Json, extract::State};
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnNamespace,
    error::ApiError,
    extract::{Authenticated, JsonObject},
    refusal::ErrorBody,
    v2::metadefs::{
        path::NamespacePath,
        wire::{AssociationBody, AssociationView},
    },
};

/// Let a namespace apply to a type of resources.
#[utoipa::path(
    post, path = "/v2/metadefs/namespaces/{namespace}/resource_types", tag = "metadefs", operation_id = "associate_resource_type",
    params(
        ("namespace" = String, Path, description = "The namespace"),
    ),
    request_body(content = AssociationBody, example = json!({"name": "OS::Glance::Image", "prefix": "hw_"})),
    responses(
        (status = CREATED, description = "The association", body = AssociationView),
        (status = BAD_REQUEST, description = "A field is not what it may be", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "The namespace applies to the type already",
        ),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The namespace has as many as it may have, or the body is too large",
        ),
        OnNamespace,
    ),
)]
pub(super) async fn associate(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    NamespacePath(namespace): NamespacePath,
    JsonObject(body): JsonObject,
) -> Result<(StatusCode, Json<AssociationView>), ApiError> {
    let association = AssociationBody(body).into_association()?;
    let association = api
        .metadefs
        .associate(&caller, &namespace, association)
        .await?;
    Ok((StatusCode::CREATED, Json(association.into())))
}
