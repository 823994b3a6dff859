//! Glance's API v2 over HTTP, and verification jobs: routes, wire types, extractors, errors as
//! statuses.
//!
//! Start with [`router`], then `door.rs` (what every request passes), then
//! `v2/images/show.rs` (what a handler looks like).

mod accept;
mod base_url;
mod checks;
mod compression;
mod cors;
mod docs;
mod door;
mod error;
mod extract;
mod figures;
mod forwarded;
mod health;
mod links;
mod metrics;
mod refusal;
mod request_id;
mod settings;
mod state;
mod text;
mod time;
mod v1;
mod v2;
mod versions;

use axum::{Router, middleware, routing::any};
use serde_json::Value;
use tower::Layer as _;
use utoipa::{OpenApi as _, openapi::OpenApi};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

pub use self::{
    checks::{Check as HealthCheck, Detail, Health, Proxied},
    compression::Compression,
    cors::{Cors, CorsError, Credentials, Sharing},
    figures::Figures,
    metrics::introduce_figures,
    settings::{ProxyHeaders, Settings},
    state::{Api, ApiState},
};
use crate::domain::metadef::{Contents, Namespace};

/// Whether `name` is an attribute of every image, so that no custom property can have it.
#[must_use]
pub fn is_attribute(name: &str) -> bool {
    v2::is_base(name)
}

/// All routes, behind the door that every request passes.
///
/// Handlers need the address of the peer: serve it with
/// `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn router(state: ApiState) -> Router {
    let settings = &state.settings;
    let (compression, cors) = (settings.compression, settings.cors.clone());
    let (routes, mut document) = described().split_for_parts();
    docs::complete(&mut document);
    let routes = routes
        .fallback(v2::unknown_path)
        .method_not_allowed_fallback(v2::wrong_method)
        .with_state(state.clone())
        .merge(docs::pages(document))
        .layer(middleware::map_request(metrics::note_route));
    // The door may change the path, so it stands before the routing.
    let door = middleware::from_fn_with_state(state, door::pass).layer(routes);
    let mut edge = Router::new().fallback_service(door);
    if compression == Compression::Gzip {
        edge = compression::compressing(edge);
    }
    // Pages may see every answer, or else they could not tell a refusal from a broken network.
    match cors {
        Some(cors) => edge.layer(middleware::from_fn_with_state(cors, cors::share)),
        None => edge,
    }
}

/// A namespace of metadata definitions that is no JSON of one; why, with the field and what is
/// allowed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoNamespace(String);

/// Reads a namespace of metadata definitions as `POST /v2/metadefs/namespaces` takes it.
///
/// # Errors
///
/// [`NoNamespace`] with the first field that is not what it may be.
pub fn read_namespace(json: Value) -> Result<(Namespace, Contents), NoNamespace> {
    v2::namespace_of_json(json).map_err(|error| NoNamespace(error.to_string()))
}

/// The description of all operations, as `/openapi.json` gives it.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut document = described().into_openapi();
    docs::complete(&mut document);
    document
}

fn described() -> OpenApiRouter<ApiState> {
    OpenApiRouter::with_openapi(docs::Head::openapi())
        // These answer every method, and are described with GET.
        .routes(routes!(versions::choices).map(|_| any(versions::choices)))
        .routes(routes!(versions::versions).map(|_| any(versions::versions)))
        .routes(routes!(health::healthcheck).map(|_| any(health::healthcheck)))
        .routes(routes!(metrics::metrics))
        .merge(v1::routes())
        .merge(v2::routes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_document_is_the_one_that_is_served() {
        let served = openapi().to_pretty_json().expect("JSON") + "\n";
        let kept = include_str!("../../openapi/hallmark.json");
        assert!(
            served == kept,
            "write the output of `hallmark openapi` to openapi/hallmark.json"
        );
    }

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        let document = serde_json::to_value(openapi()).expect("JSON");
        let text = document.to_string();
        let references = text.split(r##""$ref":"#"##).skip(1);
        for reference in references.filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_refusal_comes_in_the_form_that_the_client_accepts() {
        let document = serde_json::to_value(openapi()).expect("JSON");
        for path in ["/v2/images/{image_id}", "/v2/tasks/{task_id}"] {
            let refusal = &document["paths"][path]["get"]["responses"]["404"]["content"];
            let forms = refusal.as_object().expect("forms").keys();
            let mut forms: Vec<_> = forms.map(String::as_str).collect();
            forms.sort_unstable();
            assert_eq!(forms, ["application/json", "text/html", "text/plain"]);
        }
        let shown = &document["paths"]["/v2/images/{image_id}"]["get"]["responses"]["200"];
        assert_eq!(
            shown["content"].as_object().map(serde_json::Map::len),
            Some(1)
        );
    }

    #[test]
    fn no_two_operations_have_the_same_id() {
        let mut ids = std::collections::BTreeSet::new();
        for item in openapi().paths.paths.into_values() {
            let operations = [item.get, item.put, item.post, item.patch, item.delete];
            for operation in operations.into_iter().flatten() {
                let id = operation.operation_id.expect("an id");
                assert!(ids.insert(id.clone()), "{id}");
            }
        }
    }

    #[test]
    fn every_operation_has_a_summary_a_tag_and_a_refusal() {
        for (path, item) in openapi().paths.paths {
            let operations = [item.get, item.put, item.post, item.patch, item.delete];
            for operation in operations.into_iter().flatten() {
                assert!(operation.summary.is_some(), "{path}");
                assert!(operation.tags.is_some_and(|tags| tags.len() == 1), "{path}");
                let statuses: Vec<_> = operation.responses.responses.into_keys().collect();
                let refused = statuses.iter().any(|status| status >= &"400".to_owned());
                let identified = path.starts_with("/v1") || path.starts_with("/v2");
                assert!(refused || !identified, "{path}: {statuses:?}");
            }
        }
    }
}
