//! Metadata definitions.

mod namespaces;
mod objects;
mod path;
mod properties;
mod query;
mod resource_types;
mod tags;
mod wire;

use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;

use self::wire::NamespaceBody;
use crate::{
    api::{ApiState, error::ApiError},
    domain::metadef::{Contents, Namespace},
};

/// The routes of metadata definitions.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .merge(namespaces::routes())
        .merge(resource_types::routes())
        .merge(properties::routes())
        .merge(objects::routes())
        .merge(tags::routes())
}

/// Reads a namespace as a request to create one spells it.
///
/// # Errors
///
/// What is wrong with it: the field, and what is allowed.
pub(in crate::api) fn namespace_of_json(json: Value) -> Result<(Namespace, Contents), ApiError> {
    match json {
        Value::Object(body) => NamespaceBody(body).into_namespace(),
        _ => Err(ApiError::Invalid("a namespace is a JSON object".into())),
    }
}
