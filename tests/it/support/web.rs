//! A web server that an image is registered at, and that does not stay as it was.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Response, StatusCode},
    response::IntoResponse as _,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::Origin;

/// How a web server answers.
#[derive(Debug, Clone)]
pub enum Page {
    /// With these bytes, or the part of them that is asked for.
    Data(&'static [u8]),
    /// With these bytes, without saying how many they are, and never with a part.
    Untold(&'static [u8]),
    /// With so many of these bytes, and then no more, having promised all.
    BreaksOff(&'static [u8], usize),
    /// With so many of these bytes, and then with silence.
    Stalls(&'static [u8], usize),
    /// With a promise of so many bytes, and with these.
    Promises(usize, &'static [u8]),
    /// With a status.
    Status(u16),
    /// With the address of something else.
    Redirects(String),
}

/// A web server on the loopback that remembers what it was asked.
pub struct Web {
    origin: Origin,
    state: Arc<Mutex<State>>,
}

struct State {
    page: Page,
    asked: Vec<String>,
}

impl Web {
    /// A server that answers with `page` wherever it is asked.
    pub async fn with(page: Page) -> Self {
        let state = Arc::new(Mutex::new(State {
            page,
            asked: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        let router = Router::new().fallback(move |request: Request| {
            let mut state = shared.lock().expect("a state");
            state.asked.push(described(&request));
            let page = state.page.clone();
            async move { answer(page, &request) }
        });
        let origin = Origin::running(router).await;
        Self { origin, state }
    }

    /// From now on it answers so.
    pub fn set(&self, page: Page) {
        self.state.lock().expect("a state").page = page;
    }

    /// The address of `name` on this server.
    pub fn url(&self, name: &str) -> String {
        self.origin.url(name)
    }

    /// The methods, paths and ranges it was asked for since it was asked last.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().expect("a state").asked)
    }
}

fn described(request: &Request) -> String {
    let range = request.headers().get("range");
    let range = range.map_or("", |range| range.to_str().expect("ASCII"));
    format!("{} {} {range}", request.method(), request.uri().path())
        .trim_end()
        .to_owned()
}

fn answer(page: Page, request: &Request) -> Response<Body> {
    match page {
        Page::Data(bytes) => part(bytes, request),
        Page::Untold(bytes) => Body::from_stream(frames(bytes)).into_response(),
        Page::BreaksOff(bytes, after) => {
            let end = stream::iter([Err(io::Error::other("the wire was cut"))]);
            promised(
                bytes.len(),
                Body::from_stream(frames(&bytes[..after]).chain(end)),
            )
        }
        Page::Stalls(bytes, after) => {
            let silence = stream::pending();
            let body = Body::from_stream(frames(&bytes[..after]).chain(silence));
            promised(bytes.len(), body)
        }
        Page::Promises(size, bytes) => promised(size, Body::from_stream(frames(bytes))),
        Page::Status(status) => StatusCode::from_u16(status)
            .expect("a status")
            .into_response(),
        Page::Redirects(target) => (StatusCode::FOUND, [("location", target)]).into_response(),
    }
}

fn part(bytes: &'static [u8], request: &Request) -> Response<Body> {
    let range = request.headers().get("range");
    let range = range.map(|range| range.to_str().expect("ASCII"));
    let Some(range) = range.and_then(|range| range.strip_prefix("bytes=")) else {
        return Bytes::from_static(bytes).into_response();
    };
    let from: usize = range.trim_end_matches('-').parse().expect("a number");
    let size = bytes.len();
    let header = format!("bytes {from}-{}/{size}", size - 1);
    let body = Bytes::from_static(&bytes[from..]);
    (
        StatusCode::PARTIAL_CONTENT,
        [("content-range", header)],
        body,
    )
        .into_response()
}

fn frames(bytes: &'static [u8]) -> impl stream::Stream<Item = io::Result<Bytes>> + Send {
    stream::iter(bytes.chunks(3).map(|frame| Ok(Bytes::from_static(frame))))
}

fn promised(size: usize, body: Body) -> Response<Body> {
    ([("content-length", size.to_string())], body).into_response()
}
