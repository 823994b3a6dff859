//! The image cache of this node, by the older calls: what it is to hold.

mod clear;
mod delete;
mod list;
mod queue;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of what the cache is to hold.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, clear::clear))
        .routes(routes!(queue::queue, delete::delete))
}
