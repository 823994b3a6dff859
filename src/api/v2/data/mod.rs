//! The bytes of images.

mod download;
mod expected;
mod octets;
mod stage;
mod upload;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of data.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(download::download, upload::upload))
        .routes(routes!(stage::stage))
}
