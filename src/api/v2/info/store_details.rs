//! `GET /v2/info/stores/detail`

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        ApiState,
        docs::Always,
        error::ApiError,
        extract::{Authenticated, NoBody},
        refusal::ErrorBody,
    },
    service::StoreDetails,
};

/// The stores of this registry, and how they are set up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StoresDetail {
    /// The stores, best first.
    stores: Vec<StoreDetail>,
}

/// A store, and how it is set up.
#[derive(Debug, Serialize, ToSchema)]
struct StoreDetail {
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
    /// What kind of store it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The greater, the sooner it is read from.
    weight: i64,
    /// What is particular to its kind.
    #[schema(value_type = Object)]
    properties: BTreeMap<&'static str, Value>,
}

impl From<StoreDetails> for StoreDetail {
    fn from(store: StoreDetails) -> Self {
        let StoreDetails {
            id,
            description,
            is_default,
            is_read_only,
            kind,
            weight,
            properties,
        } = store;
        Self {
            id: id.to_string(),
            description,
            default: is_default.then_some("true"),
            read_only: is_read_only.then_some("true"),
            kind,
            weight,
            properties,
        }
    }
}

/// Tell how the stores are set up.
#[utoipa::path(
    get, path = "/v2/info/stores/detail", tag = "discovery", operation_id = "list_stores_in_detail",
    responses(
        (status = OK, description = "The stores", body = StoresDetail),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (status = FORBIDDEN, description = "The policy does not allow it", body = ErrorBody),
        (status = NOT_FOUND, description = "Several stores are not configured", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn store_details(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    _: NoBody,
) -> Result<Json<StoresDetail>, ApiError> {
    let stores = api.stores.details(&caller)?;
    Ok(Json(StoresDetail {
        stores: stores.into_iter().map(StoreDetail::from).collect(),
    }))
}
