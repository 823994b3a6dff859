//! What digests the bytes of an image were found to have.

mod find;
mod list;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of digests.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list))
        .routes(routes!(find::find))
}
