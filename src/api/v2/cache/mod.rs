//! The image cache of this node.

mod clean;
mod clear;
mod delete;
mod nodes;
mod prune;
mod queue;
mod show;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use self::wire::{CachedImageView, Ids};
use crate::api::ApiState;

/// The routes of the image cache.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(show::show, clear::clear))
        .routes(routes!(queue::queue, delete::delete))
        .routes(routes!(nodes::nodes))
        .routes(routes!(clean::clean))
        .routes(routes!(prune::prune))
}
