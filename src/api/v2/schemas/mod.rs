//! JSON schemas of what the API shows, by which clients check and complete what they send.

mod image;
mod member;
mod metadefs;
mod show;
mod task;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of schemas.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(show::image))
        .routes(routes!(show::images))
        .routes(routes!(show::member))
        .routes(routes!(show::members))
        .routes(routes!(show::task))
        .routes(routes!(show::tasks))
        .merge(metadefs::routes())
}
