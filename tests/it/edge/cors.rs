//! Web pages of other origins use the API if, and as far as, the operator lets them.

use axum::http::Method;

use crate::support::{Answer, Call, Engine, Persona, Registry};

const PAGE: &str = "https://horizon.example";
const SHARED: &str = "[cors]\nallowed_origin = [\"https://horizon.example\"]";
const ALLOWED: &str = "access-control-allow-origin";

async fn preflight(registry: &Registry, asked: &[(&str, &str)]) -> Answer {
    let mut call = registry.call(Method::OPTIONS, "/v2/images");
    for (name, value) in asked {
        call = call.header(name, value);
    }
    call.send().await.expect(200)
}

fn shared_headers(answer: &Answer) -> Vec<String> {
    let names = answer.headers.keys().map(|name| name.as_str().to_owned());
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

#[tokio::test]
async fn a_page_may_read_every_answer_refusals_too() {
    let registry = Registry::with(Engine::Sqlite, SHARED).await;
    for (by, path, status) in [
        (Some(Persona::MEMBER), "/v2/images", 200),
        (Some(Persona::MEMBER), "/v2/nothing", 404),
        (None, "/v2/images", 401),
        (None, "/", 300),
        (None, "/versions", 200),
        (None, "/healthcheck", 200),
    ] {
        let call = registry.call(Method::GET, path).header("origin", PAGE);
        let call = by.into_iter().fold(call, Call::by);
        let answer = call.send().await.expect(status);
        assert_eq!(answer.header(ALLOWED), PAGE, "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert_eq!(
            answer.header("access-control-expose-headers"),
            "x-image-meta-checksum,x-auth-token,x-subject-token,x-service-token,\
             x-openstack-request-id"
        );
        assert_eq!(answer.header("vary"), "origin");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_and_what_is_no_page_are_told_nothing() {
    let registry = Registry::with(Engine::Sqlite, SHARED).await;
    for origin in [Some("https://evil.example"), None] {
        let call = registry.call(Method::GET, "/versions");
        let call = origin
            .into_iter()
            .fold(call, |call, origin| call.header("origin", origin));
        let answer = call.send().await.expect(200);
        assert_eq!(shared_headers(&answer), [""; 0]);
        assert_eq!(answer.header("vary"), "origin");
    }
}

#[tokio::test]
async fn without_an_origin_nothing_is_shared() {
    let registry = Registry::open(Engine::Sqlite).await;
    let method = ("access-control-request-method", "GET");
    let answer = preflight(&registry, &[("origin", PAGE), method]).await;
    assert_eq!(shared_headers(&answer), [""; 0]);
    assert_eq!(answer.headers.get("vary"), None);
}

#[tokio::test]
async fn a_page_is_told_beforehand_what_it_may_send() {
    let registry = Registry::with(Engine::Sqlite, SHARED).await;
    let method = ("access-control-request-method", "PATCH");
    let headers = (
        "access-control-request-headers",
        "x-auth-token, content-type",
    );
    let answer = preflight(&registry, &[("origin", PAGE), method, headers]).await;
    assert!(answer.body.is_empty());
    for (name, value) in [
        (ALLOWED, PAGE),
        ("access-control-allow-methods", "PATCH"),
        ("access-control-allow-headers", "x-auth-token,content-type"),
        ("access-control-max-age", "3600"),
        ("access-control-allow-credentials", "true"),
    ] {
        assert_eq!(answer.header(name), value);
    }
}

#[tokio::test]
async fn a_page_that_asks_for_more_than_it_may_gets_a_bare_answer() {
    let registry = Registry::with(Engine::Sqlite, SHARED).await;
    let get = ("access-control-request-method", "GET");
    for asked in [
        &[("origin", PAGE)][..],
        &[("origin", "https://evil.example"), get],
        &[("origin", PAGE), ("access-control-request-method", "TRACE")],
        &[
            ("origin", PAGE),
            get,
            ("access-control-request-headers", "x-odd"),
        ],
        &[get],
    ] {
        let answer = preflight(&registry, asked).await;
        assert_eq!(shared_headers(&answer), [""; 0], "{asked:?}");
    }
}

#[tokio::test]
async fn with_a_star_any_page_is_allowed_but_never_named() {
    let settings = "[cors]\nallowed_origin = [\"*\"]";
    let registry = Registry::with(Engine::Sqlite, settings).await;
    let call = registry.call(Method::GET, "/versions");
    let answer = call.header("origin", PAGE).send().await.expect(200);
    assert_eq!(answer.header(ALLOWED), "*");
}
