//! What becomes of work that outlives its request.

mod list_of_image;
mod wire;

use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

use crate::api::{ApiState, v2};

/// The routes of tasks.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    let of_image = routes!(list_of_image::list_of_image);
    // Glance answers other methods here as if there were nothing.
    OpenApiRouter::default().routes(of_image.map(|route| route.fallback(v2::unknown_path)))
}
