//! The image cache of this node, by the older calls: what it holds.

mod clear;
mod delete;
mod list;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use self::wire::Deleted;
use crate::api::ApiState;

/// The routes of what the cache holds.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, clear::clear))
        .routes(routes!(delete::delete))
}
