//! What verification jobs can ask for.

mod show;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of capabilities.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default().routes(routes!(show::show))
}
