//! `GET /v2/metadefs/namespaces/{namespace}/properties/{property}`

use axum::{Json, extract::State};

use crate::{
    api::{
        ApiState,
        docs::OnNamespace,
        error::ApiError,
        extract::Authenticated,
        refusal::ErrorBody,
        v2::metadefs::{path::PropertyPath, query::AppliedTo, wire::PropertyView},
    },
    domain::metadef::Name,
};

/// Show the definition of a property.
#[utoipa::path(
    get, path = "/v2/metadefs/namespaces/{namespace}/properties/{property}", tag = "metadefs", operation_id = "show_property",
    params(
        ("namespace" = String, Path, description = "The namespace"),
        ("property" = String, Path, description = "The name of the property, with the prefix of the association if a type of resources is given"),
        ("resource_type" = Option<String>, Query, description = "The type of resources whose prefix the name has"),
    ),
    responses(
        (
            status = OK, body = PropertyView,
            description = "The definition, under its name without a prefix",
        ),
        (status = BAD_REQUEST, description = "The query cannot be read", body = ErrorBody),
        OnNamespace,
    ),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    PropertyPath(namespace, name): PropertyPath,
    AppliedTo(resource_type): AppliedTo,
) -> Result<Json<PropertyView>, ApiError> {
    let resource_type: Option<Name> = resource_type
        .map(|name| name.parse().map_err(|_| ApiError::NotFound))
        .transpose()?;
    let property = api
        .metadefs
        .show_property(&caller, &namespace, &name, resource_type.as_ref())
        .await?;
    Ok(Json(property.into()))
}
