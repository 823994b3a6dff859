//! Verification jobs.

mod cancel;
mod list;
mod named;
mod query;
mod result;
mod show;
mod submit;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of jobs.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, submit::submit))
        .routes(routes!(show::show))
        .routes(routes!(result::result))
        .routes(routes!(cancel::cancel))
}
