//! Tasks: what becomes of work that outlives its request.

mod create;
mod delete;
mod list;
mod list_of_image;
mod query;
mod show;
mod wire;

use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

use crate::api::{ApiState, v2};

/// The routes of tasks.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    let of_image = routes!(list_of_image::list_of_image);
    OpenApiRouter::default()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, delete::delete))
        // Glance answers other methods here as if there were nothing.
        .routes(of_image.map(|route| route.fallback(v2::nothing)))
}
