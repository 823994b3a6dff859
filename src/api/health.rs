//! `/healthcheck`: whether this process should get requests.

use axum::{
    Json,
    extract::State,
    response::{Html, IntoResponse as _, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{ApiState, accept::Form};

/// Whether this process should get requests.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always false: no details are told.
    detailed: bool,
    /// `OK`, or why not.
    reasons: [&'static str; 1],
}

/// Tell whether this process should get requests.
#[utoipa::path(
    get, path = "/healthcheck", tag = "health",
    responses(
        (status = OK, description = "It should", content(
            (Health = "application/json"), (String = "text/html"), (String = "text/plain"),
        )),
        (status = SERVICE_UNAVAILABLE, description = "An operator disabled it by a file", content(
            (Health = "application/json"), (String = "text/html"), (String = "text/plain"),
        )),
    ),
)]
pub(super) async fn healthcheck(
    State(api): State<ApiState>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let disabled = match &api.settings.healthcheck_disable_file {
        Some(file) => tokio::fs::try_exists(file).await.unwrap_or(false),
        None => false,
    };
    let (status, reason) = match (disabled, method == Method::HEAD) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "DISABLED BY FILE"),
        (false, true) => return StatusCode::NO_CONTENT.into_response(),
        (false, false) => (StatusCode::OK, "OK"),
    };
    match Form::preferred(headers.get(header::ACCEPT)) {
        Form::Json => (
            status,
            Json(Health {
                detailed: false,
                reasons: [reason],
            }),
        )
            .into_response(),
        // A client that takes anything gets plain text, as from Glance.
        Form::Html if asks_for_html(&headers) => {
            let page = format!("<html><body><h1>{reason}</h1></body></html>");
            (status, Html(page)).into_response()
        }
        Form::Html | Form::Text => (status, reason).into_response(),
    }
}

fn asks_for_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
