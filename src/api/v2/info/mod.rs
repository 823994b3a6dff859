//! What this registry offers.

mod hashing;
mod imports;
mod store_details;
mod stores;
mod usage;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of discovery.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(imports::imports))
        .routes(routes!(stores::stores))
        .routes(routes!(store_details::store_details))
        .routes(routes!(hashing::hashing))
        .routes(routes!(usage::usage))
}
