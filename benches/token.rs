//! What a token costs that Keystone was asked about before.
#![expect(
    clippy::expect_used,
    reason = "a benchmark may stop at the first fault"
)]

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{Router, extract::Request as Asked, response::IntoResponse as _};
use criterion::Criterion;
use hallmark::{
    auth::{Anonymous, CacheSettings, Keystone, KeystoneSettings, Request, ServiceTokenRoles},
    cloud::{Interface, Transport},
    domain::SystemClock,
    keystone::{Catalog, LoginOptions, Settings},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::json;
use tokio::{net::TcpListener, runtime::Runtime};

/// As long as a Fernet token of a project.
const TOKEN_LENGTH: usize = 183;

/// A Keystone that takes every token for the same one; its address.
async fn keystone() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let endpoint = json!({"interface": "internal", "region_id": "R", "url": url});
    let document = json!({"token": {
        "expires_at": "2099-01-01T00:00:00.000000Z",
        "user": {"id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "name": "alice",
                 "domain": {"id": "default", "name": "Default"}},
        "project": {"id": "9f8e7d6c5b4a39281706f5e4d3c2b1a0", "name": "demo",
                    "domain": {"id": "default", "name": "Default"}},
        "roles": [{"name": "member"}, {"name": "reader"}],
        "catalog": [{"type": "identity", "endpoints": [endpoint]}],
    }});
    let router = Router::new().fallback(move |asked: Asked| {
        let status = match *asked.method() {
            Method::POST => StatusCode::CREATED,
            _ => StatusCode::OK,
        };
        let answer = (status, [("x-subject-token", "own")], document.to_string());
        async move { answer.into_response() }
    });
    tokio::spawn(async move {
        axum::serve(listener, router).await.expect("a server");
    });
    url
}

fn authenticator(url: &str) -> Keystone {
    let options: LoginOptions = serde_json::from_value(json!({
        "auth_type": "v3applicationcredential",
        "auth_url": url,
        "application_credential_id": "c",
        "application_credential_secret": "s",
    }))
    .expect("options");
    let settings = KeystoneSettings {
        session: Settings {
            login: options.login().expect("a login"),
            interfaces: vec![Interface::Internal],
            region_name: None,
            transport: Transport::default(),
        },
        www_authenticate_uri: url.to_owned(),
        cache: CacheSettings {
            time: Some(Duration::from_hours(1)),
            size: 10_000,
        },
        catalog: Catalog::Included,
        service_token_roles: vec!["service".into()],
        service_token_need: ServiceTokenRoles::Required,
        service_type: None,
    };
    Keystone::new(settings, Anonymous::Refused, Arc::new(SystemClock)).expect("an authenticator")
}

async fn authenticate(keystone: &Keystone, headers: &HeaderMap) {
    let request = Request {
        peer: Ipv4Addr::LOCALHOST.into(),
        headers,
        method: &Method::GET,
        path: "/v2/images",
        request_id: "req-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9".into(),
    };
    let caller = keystone.authenticate(request).await.expect("a caller");
    std::hint::black_box(caller);
}

/// One token that is known, alone and with that of a service, and many of them.
fn known_tokens(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let keystone = runtime.block_on(async { authenticator(&keystone().await) });
    let headers = |token: String| {
        let token = HeaderValue::try_from(token).expect("a token");
        HeaderMap::from_iter([(http::HeaderName::from_static("x-auth-token"), token)])
    };
    let one = headers("a".repeat(TOKEN_LENGTH));
    let mut both = one.clone();
    both.insert("x-service-token", HeaderValue::from_static("nova"));
    let many: Vec<_> = (0..10_000)
        .map(|at| headers(format!("{at:0>TOKEN_LENGTH$}")))
        .collect();
    runtime.block_on(async {
        for headers in many.iter().chain([&one, &both]) {
            authenticate(&keystone, headers).await;
        }
    });

    let mut group = criterion.benchmark_group("known token");
    group.bench_function("one", |bencher| {
        bencher.iter(|| runtime.block_on(authenticate(&keystone, &one)));
    });
    group.bench_function("with that of a service", |bencher| {
        bencher.iter(|| runtime.block_on(authenticate(&keystone, &both)));
    });
    let mut turn = many.iter().rev().take(5_000).cycle();
    group.bench_function("of thousands", |bencher| {
        bencher.iter(|| {
            let headers = turn.next().expect("an endless turn");
            runtime.block_on(authenticate(&keystone, headers));
        });
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    known_tokens(&mut criterion);
    criterion.final_summary();
}
