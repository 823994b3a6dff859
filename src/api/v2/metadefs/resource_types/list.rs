//! `GET /v2/metadefs/resource_types`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::Always,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::metadefs::wire::ResourceTypeListView,
};

/// List the types of resources that some namespace ever applied to.
#[utoipa::path(
    get, path = "/v2/metadefs/resource_types", tag = "metadefs", operation_id = "list_resource_types",
    responses(
        (status = OK, description = "The types", body = ResourceTypeListView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (status = FORBIDDEN, description = "The caller may not list them", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    _: NoBody,
) -> Result<Json<ResourceTypeListView>, ApiError> {
    let types = api.metadefs.list_resource_types(&caller).await?;
    Ok(Json(types.into()))
}
