//! Bringing data into images without uploading it.

mod begin;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use self::wire::expectations;
use crate::api::ApiState;

/// The routes of imports.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default().routes(routes!(begin::begin))
}
