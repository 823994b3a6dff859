//! Definitions of single properties.

mod clear;
mod create;
mod delete;
mod list;
mod show;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of properties.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, create::create, clear::clear))
        .routes(routes!(show::show, update::update, delete::delete))
}
