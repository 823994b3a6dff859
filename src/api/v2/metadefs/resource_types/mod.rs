//! Types of resources, and the namespaces that apply to them.

mod associate;
mod dissociate;
mod list;
mod list_of_namespace;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::api::ApiState;

/// The routes of resource types.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list))
        .routes(routes!(
            list_of_namespace::list_of_namespace,
            associate::associate
        ))
        .routes(routes!(dissociate::dissociate))
}
