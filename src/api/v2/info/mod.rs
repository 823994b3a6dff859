//! What this registry offers.

mod hashing;
mod imports;
mod stores;
mod usage;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of discovery.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(imports::imports))
        .routes(routes!(stores::stores))
        .routes(routes!(hashing::hashing))
        .routes(routes!(usage::usage))
}
