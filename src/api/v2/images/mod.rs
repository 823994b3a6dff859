//! Images and their descriptions.

mod attribute;
mod create;
mod delete;
mod filter;
mod formats;
mod list;
mod names;
mod patch;
mod pointer;
mod query;
mod show;
mod sort;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

#[cfg(test)]
pub(super) use self::names::is_base;

/// The routes of images.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, update::update, delete::delete))
}
