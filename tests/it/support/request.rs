//! A request on its way.

use std::net::SocketAddr;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Method, Request, request::Builder},
    response::Response,
};
use futures_util::StreamExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{Answer, Persona};

/// The media type of a patch.
const PATCH_V21: &str = "application/openstack-images-v2.1-json-patch";

/// A request that is being put together.
pub struct Call {
    router: Router,
    request: Builder,
    body: Body,
}

impl Call {
    pub(super) fn new(router: Router, method: Method, path: &str) -> Self {
        Self {
            router,
            request: Request::builder().method(method).uri(path),
            body: Body::empty(),
        }
    }

    /// Sent to `router` instead.
    pub fn to(mut self, router: Router) -> Self {
        self.router = router;
        self
    }

    /// Sent by `persona`; without this, by nobody.
    pub fn by(self, persona: Persona) -> Self {
        let headers = persona.headers();
        headers
            .into_iter()
            .fold(self, |call, (name, value)| call.header(name, value))
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        let call = self.header("content-type", "application/json");
        call.body(body.to_string())
    }

    /// With the body of a patch.
    pub fn patch(self, operations: &Value) -> Self {
        let call = self.header("content-type", PATCH_V21);
        call.body(operations.to_string())
    }

    /// With bytes of an image.
    pub fn data(self, body: impl Into<Body>) -> Self {
        let call = self.header("content-type", "application/octet-stream");
        call.body(body)
    }

    /// With this body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it, and gives what comes of the body until it breaks off, which it must.
    pub async fn send_and_break_off(self) -> Vec<u8> {
        let mut body = self.answered().await.into_body().into_data_stream();
        let mut all = Vec::new();
        while let Some(frame) = body.next().await {
            match frame {
                Ok(frame) => all.extend(frame),
                Err(_) => return all,
            }
        }
        panic!("the body came to its end");
    }

    /// Sends it, and gives the body of the answer once it has begun.
    pub async fn begin(self) -> Body {
        self.answered().await.into_body()
    }

    async fn answered(self) -> Response {
        let mut request = self.request.body(self.body).expect("a request");
        let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        self.router
            .oneshot(request)
            .await
            .unwrap_or_else(|never| match never {})
    }

    /// Sends it, and reads the answer to its end.
    pub async fn send(self) -> Answer {
        let (head, body) = self.answered().await.into_parts();
        Answer {
            status: head.status,
            headers: head.headers,
            body: to_bytes(body, usize::MAX).await.expect("a whole body"),
        }
    }
}
