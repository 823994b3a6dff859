//! `GET /metrics`: the figures of this process, as Prometheus reads them; and those of requests.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use crate::api::{ApiState, checks, error::ApiError};

/// The media type of the format that [`crate::api::Figures::text`] gives.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

const REQUESTS: &str = "hallmark_http_requests_total";
const SECONDS: &str = "hallmark_http_request_seconds";

/// What stands for the route of a request that has none.
const NO_ROUTE: &str = "none";

/// Tell the figures of this process to Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "health",
    responses(
        (status = OK, description = "The figures, in Prometheus' text format", body = String, content_type = "text/plain"),
        (status = NOT_FOUND, description = "No figures are kept, or the caller is none that they are told to"),
    ),
)]
pub(super) async fn metrics(
    State(api): State<ApiState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let peer = peer.ip().to_canonical();
    let is_near = api.settings.metrics.iter().any(|it| it.contains(&peer));
    match &api.figures {
        Some(figures) if is_near && !checks::is_proxied(&headers) => {
            let text = figures.text().await;
            Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
        }
        _ => Err(ApiError::NotFound),
    }
}

/// Says what the figures of requests are.
pub fn introduce_figures() {
    describe_counter!(
        REQUESTS,
        "Requests that were answered, by the template of their path, method and status"
    );
    describe_histogram!(
        SECONDS,
        Unit::Seconds,
        "How long requests took until their answer began; uploads until all bytes were there"
    );
}

/// A request that is being answered.
pub(super) struct Watched {
    begun: Instant,
    method: &'static str,
    route: Arc<OnceLock<MatchedPath>>,
}

/// Where the router notes the route of a request, within it.
#[derive(Clone)]
struct Route(Arc<OnceLock<MatchedPath>>);

impl Watched {
    /// Begins to watch `request`, unless nobody wants figures.
    pub(super) fn begin(api: &ApiState, request: &mut Request) -> Option<Self> {
        api.figures.as_ref()?;
        let route = Arc::default();
        request.extensions_mut().insert(Route(Arc::clone(&route)));
        Some(Self {
            begun: Instant::now(),
            method: word(request.method()),
            route,
        })
    }

    /// Counts it as answered.
    pub(super) fn end(self, status: StatusCode) {
        let route = self.route.get().map_or(NO_ROUTE, MatchedPath::as_str);
        counter!(
            REQUESTS,
            "route" => route.to_owned(),
            "method" => self.method,
            "status" => status.as_str().to_owned(),
        )
        .increment(1);
        histogram!(SECONDS, "route" => route.to_owned(), "method" => self.method)
            .record(self.begun.elapsed().as_secs_f64());
    }
}

/// Notes the route that was found for `request`. The note outlives a handler that panics.
pub(super) async fn note_route(request: Request) -> Request {
    let (route, path) = (
        request.extensions().get::<Route>(),
        request.extensions().get::<MatchedPath>(),
    );
    if let (Some(Route(route)), Some(path)) = (route, path) {
        // There is one route to a request.
        let _ = route.set(path.clone());
    }
    request
}

/// A method as the value of a label: clients can think of any number of methods.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
