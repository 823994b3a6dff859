//! Where the bytes of an image are, for services and for those who register a place.

mod list;
mod register;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use self::wire::{LocationView, new_location, views};
use crate::api::ApiState;

/// The routes of locations.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default().routes(routes!(list::list, register::register))
}
