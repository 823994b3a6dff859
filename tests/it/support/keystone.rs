//! A Keystone of a test's own, which does what the test says.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::{net::TcpListener, task::JoinHandle, time::sleep};

/// What Keystone does when it is asked about a token, instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It answers.
    Well,
    /// It has a fault.
    Broken,
    /// It says something that is no JSON.
    Babbling,
    /// It says something that is JSON and no token.
    Confused,
    /// It sends the client to itself.
    Redirecting,
    /// It takes longer than anybody waits.
    Stuck,
    /// It takes a while.
    Slow,
    /// It takes nobody's own token.
    Rejecting,
}

/// What was asked of Keystone.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// How often somebody logged in, and with what.
    pub logins: Vec<Value>,
    /// The tokens that were to be judged, each with its query.
    pub validations: Vec<(String, HashMap<String, String>)>,
    /// How many of them were under way at a time.
    pub most_under_way: usize,
    /// The other paths, with their queries.
    pub others: Vec<(String, HashMap<String, String>)>,
}

struct Inner {
    mood: Mood,
    /// The only token of the registry's own that is good; each login makes another.
    own: String,
    tokens: HashMap<String, Value>,
    pages: HashMap<String, Value>,
    asked: Asked,
    under_way: usize,
    address: SocketAddr,
}

type Shared = Arc<Mutex<Inner>>;

/// A Keystone on the loopback. It stops when it is dropped.
pub struct FakeKeystone {
    shared: Shared,
    server: JoinHandle<()>,
}

impl FakeKeystone {
    /// One that knows no token, and lets anybody log in.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Mutex::new(Inner {
            mood: Mood::Well,
            own: String::new(),
            tokens: HashMap::new(),
            pages: HashMap::new(),
            asked: Asked::default(),
            under_way: 0,
            address,
        }));
        let router = Router::new()
            .route("/v3/auth/tokens", post(login).get(validate))
            .route("/v3/{*path}", get(page))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("a server");
        });
        Self { shared, server }
    }

    /// Its address, without a version.
    pub fn url(&self) -> String {
        format!("http://{}", self.state().address)
    }

    /// Knows the token from now on; `more` is added to what it says about it.
    pub fn knows(&self, token: &str, more: Value) {
        let mut document = json!({
            "expires_at": in_seconds(3600),
            "user": {"id": "u1", "name": "alice", "domain": {"id": "default", "name": "Default"}},
            "roles": [{"id": "r1", "name": "Member"}, {"id": "r2", "name": "reader"}],
            "project": {"id": "alpha", "name": "Alpha",
                        "domain": {"id": "default", "name": "Default"}},
            "catalog": [{"type": "image", "endpoints": []}],
        });
        let Value::Object(more) = more else {
            panic!("an object")
        };
        let object = document.as_object_mut().expect("an object");
        object.extend(more);
        object.retain(|_, value| !value.is_null());
        self.state().tokens.insert(token.to_owned(), document);
    }

    /// Forgets the token.
    pub fn forgets(&self, token: &str) {
        self.state().tokens.remove(token);
    }

    /// Answers `path` below `/v3` with `content`.
    pub fn has(&self, path: &str, content: Value) {
        self.state().pages.insert(path.to_owned(), content);
    }

    /// Behaves like this from now on.
    pub fn is(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// Makes the registry's own token bad.
    pub fn revokes_own(&self) {
        "revoked".clone_into(&mut self.state().own);
    }

    /// What was asked so far.
    pub fn asked(&self) -> Asked {
        self.state().asked.clone()
    }

    /// Goes away, and is not to be reached any more.
    pub async fn stop(&mut self) {
        self.server.abort();
        // Resolves once the listener is closed.
        let _ = (&mut self.server).await;
    }

    fn state(&self) -> MutexGuard<'_, Inner> {
        self.shared.lock().expect("no panic before")
    }
}

impl Drop for FakeKeystone {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The time so many seconds from now, as Keystone writes it.
pub fn in_seconds(seconds: i64) -> String {
    let time = OffsetDateTime::now_utc() + time::Duration::seconds(seconds);
    time.format(&Rfc3339).expect("a time")
}

async fn login(State(shared): State<Shared>, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let mut state = shared.lock().expect("no panic before");
    state.asked.logins.push(body);
    state.own = format!("own-{}", state.asked.logins.len());
    let url = format!("http://{}/", state.address);
    let document = json!({"token": {
        "expires_at": in_seconds(3600),
        "user": {"id": "glance", "name": "glance"},
        "catalog": [
            {"type": "image", "endpoints": [
                {"interface": "internal", "url": "http://127.0.0.1:1/", "region_id": "R"}]},
            {"type": "identity", "endpoints": [
                {"interface": "public", "url": "http://127.0.0.1:1/v3", "region_id": "R"},
                {"interface": "internal", "url": "http://127.0.0.1:1/v3", "region_id": "S"},
                {"interface": "internal", "url": url, "region_id": "R"}]},
        ],
    }});
    let headers = [("x-subject-token", state.own.clone())];
    (StatusCode::CREATED, headers, document.to_string()).into_response()
}

async fn validate(
    State(shared): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let text = |name: &str| headers[name].to_str().expect("text").to_owned();
    let token = text("x-subject-token");
    let (mood, address) = {
        let mut state = shared.lock().expect("no panic before");
        state.asked.validations.push((token.clone(), query.clone()));
        state.under_way += 1;
        state.asked.most_under_way = state.asked.most_under_way.max(state.under_way);
        (state.mood, state.address)
    };
    match mood {
        Mood::Well => {}
        Mood::Broken => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Babbling => return "<html>".into_response(),
        Mood::Confused => return json!({"token": {"user": {}}}).to_string().into_response(),
        Mood::Redirecting => {
            let elsewhere = format!("http://{address}/v3/auth/tokens?again");
            return Redirect::temporary(&elsewhere).into_response();
        }
        Mood::Stuck => sleep(Duration::from_hours(1)).await,
        Mood::Slow => sleep(Duration::from_millis(200)).await,
        Mood::Rejecting => return StatusCode::UNAUTHORIZED.into_response(),
    }
    let mut state = shared.lock().expect("no panic before");
    state.under_way -= 1;
    if text("x-auth-token") != state.own {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Some(document) = state.tokens.get(&token) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let end = document["expires_at"].as_str().expect("a time");
    let end = OffsetDateTime::parse(end, &Rfc3339).expect("a time");
    let has_ended = end <= OffsetDateTime::now_utc();
    let is_restricted = !document["application_credential"]["access_rules"].is_null();
    if has_ended && query.get("allow_expired").is_none_or(|value| value != "1")
        || is_restricted && headers.get("openstack-identity-access-rules").is_none()
    {
        return StatusCode::NOT_FOUND.into_response();
    }
    json!({"token": document}).to_string().into_response()
}

async fn page(
    State(shared): State<Shared>,
    Path(path): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let mut state = shared.lock().expect("no panic before");
    state.asked.others.push((path.clone(), query));
    match state.pages.get(&path) {
        Some(content) => content.to_string().into_response(),
        None => StatusCode::FORBIDDEN.into_response(),
    }
}
