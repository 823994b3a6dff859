//! The schemas of metadata definitions.

mod document;
mod show;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of the schemas of metadata definitions.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(show::namespace))
        .routes(routes!(show::namespaces))
        .routes(routes!(show::object))
        .routes(routes!(show::objects))
        .routes(routes!(show::property))
        .routes(routes!(show::properties))
        .routes(routes!(show::resource_type))
        .routes(routes!(show::resource_types))
        .routes(routes!(show::tag))
        .routes(routes!(show::tags))
}
