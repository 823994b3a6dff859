//! `GET /v2/schemas/metadefs/…`

use axum::Json;
use serde_json::Value;

use super::document;
use crate::api::{
    docs::Always,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
};

/// Show the schema of a namespace.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/namespace", tag = "schemas",
    operation_id = "show_metadef_namespace_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn namespace(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::namespace()))
}

/// Show the schema of a list of namespaces.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/namespaces", tag = "schemas",
    operation_id = "show_metadef_namespaces_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn namespaces(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::namespaces()))
}

/// Show the schema of an object.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/object", tag = "schemas",
    operation_id = "show_metadef_object_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn object(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::object()))
}

/// Show the schema of a list of objects.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/objects", tag = "schemas",
    operation_id = "show_metadef_objects_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn objects(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::objects()))
}

/// Show the schema of the definition of a property.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/property", tag = "schemas",
    operation_id = "show_metadef_property_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn property(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::property()))
}

/// Show the schema of a list of definitions of properties.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/properties", tag = "schemas",
    operation_id = "show_metadef_properties_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn properties(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::properties()))
}

/// Show the schema of the association with a type of resources.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/resource_type", tag = "schemas",
    operation_id = "show_metadef_resource_type_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn resource_type(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::resource_type()))
}

/// Show the schema of a list of associations with types of resources.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/resource_types", tag = "schemas",
    operation_id = "show_metadef_resource_types_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn resource_types(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::resource_types()))
}

/// Show the schema of a tag of a namespace.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/tag", tag = "schemas",
    operation_id = "show_metadef_tag_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn tag(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::tag()))
}

/// Show the schema of a list of tags of a namespace.
#[utoipa::path(
    get, path = "/v2/schemas/metadefs/tags", tag = "schemas",
    operation_id = "show_metadef_tags_schema",
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn tags(_: Authenticated, _: NoBody) -> Result<Json<Value>, ApiError> {
    Ok(Json(document::tags()))
}
