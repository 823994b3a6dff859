//! Namespaces of metadata definitions.

mod create;
mod delete;
mod list;
mod show;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of namespaces.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, update::update, delete::delete))
}
