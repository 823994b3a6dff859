//! `GET /v2/info/stores`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        ApiState,
        docs::Always,
        error::ApiError,
        extract::{Authenticated, NoBody},
        refusal::ErrorBody,
    },
    service::{ServiceError, StoreInfo},
};

/// The stores of this registry.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StoresInfo {
    /// The stores.
    stores: Vec<StoreView>,
}

/// A store.
#[derive(Debug, Serialize, ToSchema)]
struct StoreView {
    /// The id.
    id: String,
    /// What the operator says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The text `true` for the store that is used when none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<&'static str>,
    /// The text `true` for a store that takes no data, for it only reads what others have.
    #[serde(rename = "read-only", skip_serializing_if = "Option::is_none")]
    read_only: Option<&'static str>,
}

impl From<&StoreInfo> for StoreView {
    fn from(store: &StoreInfo) -> Self {
        let StoreInfo {
            id,
            description,
            is_default,
            is_read_only,
        } = store;
        Self {
            id: id.to_string(),
            description: description.clone(),
            default: is_default.then_some("true"),
            read_only: is_read_only.then_some("true"),
        }
    }
}

/// Tell which stores there are.
#[utoipa::path(
    get, path = "/v2/info/stores", tag = "discovery", operation_id = "list_stores",
    responses(
        (status = OK, description = "The stores", body = StoresInfo),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (status = NOT_FOUND, description = "Several stores are not configured", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn stores(
    State(api): State<ApiState>,
    _: Authenticated,
    _: NoBody,
) -> Result<Json<StoresInfo>, ApiError> {
    let stores = api.discovery.stores().ok_or(ServiceError::NotHere(
        "several stores are not configured here",
    ))?;
    Ok(Json(StoresInfo {
        stores: stores.iter().map(StoreView::from).collect(),
    }))
}
