//! Tags that a namespace suggests.

mod clear;
mod create;
mod create_all;
mod delete;
mod list;
mod rename;
mod show;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of tags.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, create_all::create_all, clear::clear))
        .routes(routes!(
            show::show,
            create::create,
            rename::rename,
            delete::delete
        ))
}
