//! Sharing images with other projects.

mod add;
mod list;
mod remove;
mod show;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of members.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, add::add))
        .routes(routes!(show::show, update::update, remove::remove))
}
