//! What holds for every request: ids, methods, paths and bodies.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::json;

use super::{NO_IMAGE, assert_refused, image};
use crate::support::{Answer, Engine, Persona, Registry};

const REQUEST_ID: &str = "x-openstack-request-id";

/// The routes of an image, and the methods that each takes.
const OF_IMAGE: [(&str, &[&str]); 9] = [
    ("", &["DELETE", "GET", "PATCH"]),
    ("/file", &["GET", "PUT"]),
    ("/stage", &["PUT"]),
    ("/import", &["POST"]),
    ("/actions/deactivate", &["POST"]),
    ("/actions/reactivate", &["POST"]),
    ("/tags/a", &["DELETE", "PUT"]),
    ("/members", &["GET", "POST"]),
    ("/members/beta", &["DELETE", "GET", "PUT"]),
];

/// The other routes, which take these methods.
const OTHERS: [(&str, &[&str]); 10] = [
    ("/v2/images", &["GET", "POST"]),
    ("/v2/info/import", &["GET"]),
    ("/v2/info/stores", &["GET"]),
    ("/v2/info/hashing", &["GET"]),
    ("/v2/schemas/image", &["GET"]),
    ("/v2/schemas/images", &["GET"]),
    ("/v2/schemas/member", &["GET"]),
    ("/v2/schemas/members", &["GET"]),
    ("/v2/schemas/task", &["GET"]),
    ("/v2/schemas/tasks", &["GET"]),
];

async fn registry() -> Registry {
    Registry::open(Engine::Sqlite).await
}

/// All routes, and the methods that each takes.
fn routes() -> Vec<(String, &'static [&'static str])> {
    let of_image = OF_IMAGE.map(|(below, methods)| (image(NO_IMAGE) + below, methods));
    let others = OTHERS.map(|(path, methods)| (path.to_owned(), methods));
    of_image.into_iter().chain(others).collect()
}

async fn send(registry: &Registry, method: &str, path: &str) -> Answer {
    let method = method.parse().expect("a method");
    let call = registry.call(method, path).by(Persona::MEMBER);
    call.send().await
}

async fn with_id(registry: &Registry, id: &str) -> Answer {
    let call = registry.call(Method::GET, "/v2/images").by(Persona::MEMBER);
    call.header(REQUEST_ID, id).send().await
}

#[tokio::test]
async fn every_answer_of_the_api_has_an_id_of_its_own() {
    let registry = registry().await;
    let mut ids = BTreeSet::new();
    let paths = [
        "/v2/images",
        "/v2/images/zzz",
        "/v2/nothing",
        "/v2",
        "/v2.7/images",
    ];
    for path in paths {
        for method in ["GET", "PUT", "HEAD"] {
            let answer = send(&registry, method, path).await;
            let id = answer.header(REQUEST_ID);
            assert!(id.starts_with("req-"), "{id}");
            assert_eq!(id.len(), "req-".len() + 36, "{id}");
            assert!(ids.insert(id.to_owned()), "{id} came twice");
        }
    }
}

#[tokio::test]
async fn the_id_of_the_client_comes_back() {
    let registry = registry().await;
    let id = "req-0abcdef0-0000-4000-8000-00000000000f";
    let answer = with_id(&registry, id).await.expect(200);
    assert_eq!(answer.header(REQUEST_ID), id);
    let answer = with_id(&registry, &id["req-".len()..]).await.expect(200);
    assert_eq!(answer.header(REQUEST_ID), id);
}

#[tokio::test]
async fn an_id_of_the_client_has_a_limit() {
    let registry = registry().await;
    with_id(&registry, &"x".repeat(64)).await.expect(200);
    let answer = with_id(&registry, &"x".repeat(65)).await;
    assert_refused(answer.clone(), 431, "64 bytes at most");
    assert_eq!(answer.header(REQUEST_ID).len(), "req-".len() + 36);

    let settings = "[DEFAULT]\nmax_request_id_length = 10";
    let registry = Registry::with(Engine::Sqlite, settings).await;
    with_id(&registry, &"x".repeat(10)).await.expect(200);
    with_id(&registry, &"x".repeat(11)).await.expect(431);
}

#[tokio::test]
async fn an_id_of_the_client_that_would_spoil_a_log_is_replaced() {
    let registry = registry().await;
    for id in ["a b", "a\tb", ""] {
        let answer = with_id(&registry, id).await.expect(200);
        let own = answer.header(REQUEST_ID);
        assert_eq!(own.len(), "req-".len() + 36, "{own}");
    }
}

#[tokio::test]
async fn a_method_that_a_route_does_not_take_is_told_which_it_takes() {
    let registry = registry().await;
    for (path, methods) in routes() {
        for method in ["GET", "PUT", "POST", "PATCH", "DELETE", "BREW"] {
            if methods.contains(&method) {
                continue;
            }
            let answer = send(&registry, method, &path).await.expect(405);
            let mut allowed: Vec<_> = answer.header("allow").split(", ").collect();
            allowed.sort_unstable();
            assert_eq!(allowed, methods, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_tasks_of_an_image_are_only_there_to_be_read() {
    let registry = registry().await;
    let path = image(NO_IMAGE) + "/tasks";
    for method in ["PUT", "POST", "PATCH", "DELETE"] {
        let answer = send(&registry, method, &path).await.expect(404);
        assert_eq!(answer.headers.get("allow"), None);
    }
}

#[tokio::test]
async fn head_is_a_method_of_no_route() {
    let registry = registry().await;
    for (path, methods) in routes() {
        let answer = send(&registry, "HEAD", &path).await.expect(405);
        let mut allowed: Vec<_> = answer.header("allow").split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed, methods, "{path}");
    }
    send(&registry, "HEAD", "/v2/nothing").await.expect(404);
}

#[tokio::test]
async fn options_are_answered_to_anybody_with_nothing() {
    let registry = registry().await;
    for path in ["/", "/v2", "/v2/images", "/v2/nothing", "/healthcheck"] {
        let answer = registry.call(Method::OPTIONS, path).send().await;
        assert!(answer.expect(200).body.is_empty());
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found_and_an_unknown_method_there_is_not_known() {
    let registry = registry().await;
    for path in [
        "/v2/nothing",
        "/v2/images/detail/x",
        "/v2/schemas/nothing",
        "/v2/info",
        "/v2/actions",
        "/v2/images/zzz/nothing",
    ] {
        for method in ["GET", "PUT", "POST", "PATCH", "DELETE"] {
            send(&registry, method, path).await.expect(404);
        }
        send(&registry, "BREW", path).await.expect(501);
    }
}

#[tokio::test]
async fn who_is_not_known_learns_no_routes() {
    let registry = registry().await;
    for path in ["/v2/nothing", "/v2/images", "/v2/images/zzz"] {
        for method in ["GET", "PUT", "HEAD", "BREW"] {
            let method = method.parse().expect("a method");
            registry.call(method, path).send().await.expect(401);
        }
    }
}

#[tokio::test]
async fn a_slash_at_the_end_leads_nowhere() {
    let registry = registry().await;
    for (path, methods) in routes() {
        let method = methods[0];
        send(&registry, method, &format!("{path}/"))
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn a_body_is_refused_where_none_is_taken() {
    let registry = registry().await;
    let id = registry
        .active_image(Persona::MEMBER, json!({"tags": ["a"]}), "data")
        .await;
    let of_image = |below: &str| image(&id) + below;
    for (method, path) in [
        (Method::GET, of_image("")),
        (Method::DELETE, of_image("")),
        (Method::GET, of_image("/file")),
        (Method::GET, of_image("/tasks")),
        (Method::POST, of_image("/actions/deactivate")),
        (Method::POST, of_image("/actions/reactivate")),
        (Method::PUT, of_image("/tags/b")),
        (Method::DELETE, of_image("/tags/a")),
        (Method::GET, of_image("/members")),
        (Method::GET, of_image("/members/beta")),
        (Method::DELETE, of_image("/members/beta")),
        (Method::GET, "/v2/info/import".into()),
        (Method::GET, "/v2/info/stores".into()),
        (Method::GET, "/v2/info/hashing".into()),
        (Method::GET, "/v2/schemas/image".into()),
        (Method::GET, "/v2/schemas/images".into()),
        (Method::GET, "/v2/schemas/member".into()),
        (Method::GET, "/v2/schemas/members".into()),
        (Method::GET, "/v2/schemas/task".into()),
        (Method::GET, "/v2/schemas/tasks".into()),
    ] {
        let call = registry.call(method, &path).by(Persona::MEMBER);
        let answer = call.json(&json!({"a": "b"})).send().await;
        assert_refused(answer, 400, "A body is not expected with this request.");
    }
    let image = registry.shown(&id).await;
    assert_eq!(
        (&image["status"], &image["tags"]),
        (&json!("active"), &json!(["a"]))
    );
}
