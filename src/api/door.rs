//! What every request passes on its way in, and every answer on its way out.

use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, OriginalUri, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use tracing::Instrument as _;

use crate::api::{
    ApiState, ProxyHeaders,
    error::ApiError,
    forwarded::Forwarded,
    metrics::Watched,
    refusal,
    request_id::{self, RequestId},
    v1,
    versions::Offer,
};

/// What a request is addressed to, and the address by which the router knows it if that is
/// another one.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Versions, the health check, the figures or the documentation, which need no identity.
    Open(Option<Uri>),
    /// The API.
    Api(Option<Uri>),
    /// Verification jobs, whose refusals have a form of their own.
    Jobs(Option<Uri>),
}

/// Answers a request, and counts it.
pub(crate) async fn pass(
    State(api): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Response {
    let watched = Watched::begin(&api, &mut request);
    let response = lead(&api, request, next).await;
    if let Some(watched) = watched {
        watched.end(response.status());
    }
    response
}

/// Sends a request to its place and gives the answer its form.
async fn lead(api: &ApiState, mut request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        return StatusCode::OK.into_response();
    }
    let accept = request.headers().get(header::ACCEPT).cloned();
    let offer = Offer::of(&api.discovery);
    let place = place(request.uri(), request.headers(), offer);
    let is_of_jobs = matches!(place, Place::Jobs(_));
    let response = match place {
        Place::Open(address) => {
            readdress(&mut request, address);
            next.run(request).await
        }
        Place::Api(address) | Place::Jobs(address) => {
            readdress(&mut request, address);
            enter(api, request, next).await
        }
    };
    let mut response = if is_of_jobs {
        refusal::render_of_jobs(response)
    } else {
        refusal::render(response, accept.as_ref())
    };
    // What users put into names and images is never to be taken for a page or a script.
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// Finds the place: but for jobs, from the first segment of the path.
fn place(uri: &Uri, headers: &HeaderMap, offer: Offer) -> Place {
    let path = uri.path();
    if let Some(known) = v1::address(path) {
        let is_known = known == path;
        return Place::Jobs(if is_known { None } else { moved(uri, known) });
    }
    let inner = path.strip_prefix('/').unwrap_or_default();
    let (first, rest) = inner.split_at(inner.find('/').unwrap_or(inner.len()));
    match first {
        "v2" => Place::Api(None),
        "healthcheck" | "metrics" | "docs" | "openapi.json" => Place::Open(None),
        "versions" => Place::Open(moved(uri, "/versions")),
        _ if offer.has(first) => Place::Api(moved(uri, &format!("/v2{rest}"))),
        _ if offer.accepted(headers) => Place::Api(moved(uri, &format!("/v2{path}"))),
        _ => Place::Open(moved(uri, "/")),
    }
}

/// Gives `request` the address by which the router knows it, which is the one that access rules
/// are about as well.
fn readdress(request: &mut Request, address: Option<Uri>) {
    if let Some(address) = address {
        request
            .extensions_mut()
            .insert(OriginalUri(address.clone()));
        *request.uri_mut() = address;
    }
}

/// `uri` with another path.
fn moved(uri: &Uri, path: &str) -> Option<Uri> {
    let query = uri
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{path}{query}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Answers a request to the API under its id.
async fn enter(api: &ApiState, mut request: Request, next: Next) -> Response {
    let max_length = api.settings.max_request_id_length;
    let given = RequestId::of(request.headers(), max_length, &*api.ids);
    let id = given.clone().unwrap_or_else(|_| RequestId::new(&*api.ids));
    let span = tracing::info_span!(
        "api.request",
        request.id = id.as_str(),
        request.given_id = id.given_otherwise(request.headers(), max_length),
        client.address = client(api, &request).map(tracing::field::display),
        http.method = %request.method(),
        http.path = request.uri().path(),
    );
    request.extensions_mut().insert(id.clone());
    let mut response = async {
        match given {
            Ok(_) => answer(request, next).await,
            Err(_) => ApiError::RequestIdTooLong(max_length).into_response(),
        }
    }
    .instrument(span)
    .await;
    let headers = response.headers_mut();
    headers.insert(request_id::HEADER, id.into_header());
    if response.status() == StatusCode::UNAUTHORIZED
        && let Some(challenge) = api.authenticator.challenge()
    {
        let headers = response.headers_mut();
        headers.insert(header::WWW_AUTHENTICATE, challenge.clone());
    }
    response
}

/// The address of the client: what a proxy says, if it is believed, else the peer's.
fn client(api: &ApiState, request: &Request) -> Option<IpAddr> {
    let told = match api.settings.proxy_headers {
        ProxyHeaders::Believed => Forwarded::of(request.headers()).client,
        ProxyHeaders::Ignored => None,
    };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    told.or_else(|| peer.map(|ConnectInfo(peer)| peer.ip()))
}

/// Answers a request, whatever its handler does.
async fn answer(mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    if request.method() == Method::HEAD {
        // The router would answer HEAD as GET. No route takes TRACE, so this becomes a 405 where
        // there is a route and a 404 where there is none.
        *request.method_mut() = Method::TRACE;
    }
    let mut response = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| ApiError::Panicked.into_response());
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        forget_head(response.headers_mut());
    } else {
        // The router adds it to whatever answers for a method that has no route.
        response.headers_mut().remove(header::ALLOW);
    }
    tracing::info!(
        http.status = response.status().as_u16(),
        elapsed_ms = begun.elapsed().as_secs_f64() * 1000.0,
        "answered a request"
    );
    response
}

/// Takes HEAD, which the router adds to GET, out of `Allow`.
fn forget_head(headers: &mut HeaderMap) {
    let Some(allowed) = headers
        .get(header::ALLOW)
        .and_then(|value| value.to_str().ok())
    else {
        return;
    };
    let kept: Vec<_> = allowed
        .split(',')
        .filter(|method| *method != "HEAD")
        .collect();
    if let Ok(kept) = HeaderValue::try_from(kept.join(", ")) {
        headers.insert(header::ALLOW, kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::versions::ONE_STORE;

    fn place_of(uri: &'static str) -> Place {
        place(&Uri::from_static(uri), &HeaderMap::new(), ONE_STORE)
    }

    fn api(address: &'static str) -> Place {
        Place::Api(Some(Uri::from_static(address)))
    }

    fn open(address: &'static str) -> Place {
        Place::Open(Some(Uri::from_static(address)))
    }

    #[test]
    fn a_minor_version_behaves_like_v2() {
        assert_eq!(place_of("/v2.7/images?limit=2"), api("/v2/images?limit=2"));
        assert_eq!(place_of("/v2.7"), api("/v2"));
        assert_eq!(place_of("/v2/images"), Place::Api(None));
    }

    #[test]
    fn jobs_have_a_place_of_their_own_by_either_address() {
        let moved = Uri::from_static("/v1/jobs?limit=2");
        assert_eq!(place_of("/api/v1/jobs?limit=2"), Place::Jobs(Some(moved)));
        for uri in ["/v1/jobs", "/v1/jobs/a/result", "/v1/capabilities"] {
            assert_eq!(place_of(uri), Place::Jobs(None), "{uri}");
        }
    }

    #[test]
    fn what_names_no_version_gets_a_choice() {
        for uri in ["/", "/v1/images", "/v3", "/v2.99", "/images", "//v2"] {
            assert_eq!(place_of(uri), open("/"), "{uri}");
        }
        assert_eq!(place_of("/versions"), open("/versions"));
        assert_eq!(place_of("/versions/1"), open("/versions"));
    }

    #[test]
    fn a_media_type_can_stand_for_the_version() {
        let accept = HeaderValue::from_static("application/vnd.openstack.images-v2.3");
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept)]);
        assert_eq!(
            place(&Uri::from_static("/images?a=b"), &headers, ONE_STORE),
            api("/v2/images?a=b")
        );
    }

    #[test]
    fn head_is_not_an_allowed_method() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ALLOW, HeaderValue::from_static("GET,HEAD,POST"));
        forget_head(&mut headers);
        assert_eq!(headers[header::ALLOW], "GET, POST");
    }
}
