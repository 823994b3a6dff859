//! Answers in fewer bytes, for clients that ask for it.

use axum::{Router, extract::Request, middleware::map_request};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{Predicate as _, SizeAbove},
    },
};

use crate::api::accept;

/// Answers with fewer bytes than this fit into a packet as they are.
const MIN_BYTES: u64 = 1024;

/// Whether answers are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// None is, as in the pipelines that come with Glance.
    #[default]
    Off,
    /// JSON is, with gzip. The data of images never are.
    Gzip,
}

/// `router`, with its JSON compressed for those who ask for gzip.
pub(crate) fn compressing(router: Router) -> Router {
    let layer = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(MIN_BYTES).and(is_json));
    router.layer(layer).layer(map_request(settle))
}

fn is_json(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|media_type| media_type.as_bytes().starts_with(b"application/json"))
}

/// Leaves of `Accept-Encoding` only whether gzip is asked for. A client that refuses every coding
/// would otherwise be told 406 for something that has been done.
async fn settle(mut request: Request) -> Request {
    let is_asked_for = accept::takes_gzip(request.headers());
    let headers = request.headers_mut();
    headers.remove(header::ACCEPT_ENCODING);
    if is_asked_for {
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    request
}
