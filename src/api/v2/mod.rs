//! The routes below `/v2`.

mod actions;
mod cache;
mod cached_images;
mod data;
mod digests;
mod images;
mod imports;
mod info;
mod locations;
mod members;
mod metadefs;
mod queued_images;
mod receipts;
mod schemas;
mod stores;
mod tags;
mod tasks;

use axum::routing::any;
use http::{Method, StatusCode, header};
use utoipa_axum::router::OpenApiRouter;

pub(super) use self::{images::is_base, metadefs::namespace_of_json};
use crate::api::{ApiState, base_url::BaseUrl, error::ApiError, extract::Authenticated};

/// All routes below `/v2`.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .route("/v2", any(root))
        .merge(images::routes())
        .merge(data::routes())
        .merge(digests::routes())
        .merge(receipts::routes())
        .merge(imports::routes())
        .merge(locations::routes())
        .merge(tasks::routes())
        .merge(actions::routes())
        .merge(stores::routes())
        .merge(cache::routes())
        .merge(cached_images::routes())
        .merge(queued_images::routes())
        .merge(tags::routes())
        .merge(members::routes())
        .merge(metadefs::routes())
        .merge(info::routes())
        .merge(schemas::routes())
}

/// `/v2` itself leads to `/v2/`, where there is nothing: clients discover versions at `/`.
async fn root(
    _: Authenticated,
    BaseUrl(base): BaseUrl,
) -> (StatusCode, [(header::HeaderName, String); 1]) {
    (
        StatusCode::FOUND,
        [(header::LOCATION, format!("{base}/v2/"))],
    )
}

/// What has no route is not found, by those who may ask.
pub(super) async fn unknown_path(_: Authenticated, method: Method) -> ApiError {
    match method {
        Method::GET
        | Method::PUT
        | Method::POST
        | Method::PATCH
        | Method::DELETE
        | Method::TRACE
        | Method::CONNECT => ApiError::NotFound,
        _ => ApiError::UnknownMethod,
    }
}

/// What is not found by any method, although another operation is there.
pub(super) async fn nothing(_: Authenticated) -> ApiError {
    ApiError::NotFound
}

/// A route that does not take the method.
pub(super) async fn wrong_method(_: Authenticated) -> ApiError {
    ApiError::MethodNotAllowed
}
