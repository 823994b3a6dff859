//! The shapes of refusals, and what bodies are refused for.

use axum::http::Method;
use serde_json::{Value, json};

use super::{assert_refused, image};
use crate::support::{Answer, Call, Engine, Persona, Registry, on_every_engine};

on_every_engine![a_fault_of_ours_tells_the_client_nothing_of_its_cause];

async fn missing(registry: &Registry, id: &str, accept: Option<&str>) -> Answer {
    let call = registry.call(Method::GET, &image(id)).by(Persona::MEMBER);
    let call = match accept {
        Some(accept) => call.header("accept", accept),
        None => call,
    };
    call.send().await.expect(404)
}

#[tokio::test]
async fn a_refusal_is_json_for_those_who_ask_for_json() {
    let registry = Registry::open(Engine::Sqlite).await;
    let answer = missing(&registry, "zzz", Some("application/json")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    let expected = json!({
        "message": "No image found with ID zzz<br /><br />\n\n\n",
        "code": "404 Not Found",
        "title": "Not Found",
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_refusal_is_a_page_for_those_who_take_anything() {
    let registry = Registry::open(Engine::Sqlite).await;
    for accept in ["*/*", "text/html"] {
        let answer = missing(&registry, "zzz", Some(accept)).await;
        assert!(answer.header("content-type").starts_with("text/html"));
        let page = answer.text();
        for part in [
            "<title>404 Not Found</title>",
            "<h1>404 Not Found</h1>",
            "No image found with ID zzz",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_plain_text_for_all_others() {
    let registry = Registry::open(Engine::Sqlite).await;
    for accept in [None, Some(""), Some("text/plain"), Some("image/png")] {
        let answer = missing(&registry, "zzz", accept).await;
        assert!(answer.header("content-type").starts_with("text/plain"));
        let text = answer.text();
        let expected = "404 Not Found\n\nNo image found with ID zzz";
        assert_eq!(text.trim_end(), expected, "{accept:?}");
    }
}

#[tokio::test]
async fn a_page_has_no_markup_of_the_client() {
    let registry = Registry::open(Engine::Sqlite).await;
    let id = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let page = missing(&registry, id, Some("text/html")).await.text();
    assert!(page.contains("&lt;script&gt;"), "{page}");
    assert!(!page.contains("<script>"), "{page}");
}

#[tokio::test]
async fn every_kind_of_refusal_has_the_shape() {
    let registry = Registry::open(Engine::Sqlite).await;
    let json = |call: Call| call.header("accept", "application/json");
    let by_member = |method, path: &str| json(registry.call(method, path)).by(Persona::MEMBER);
    let id = registry
        .image(Persona::MEMBER, json!({"protected": true}))
        .await;
    for (call, code) in [
        (by_member(Method::POST, "/v2/images"), "400 Bad Request"),
        (
            json(registry.call(Method::GET, "/v2/images")),
            "401 Unauthorized",
        ),
        (by_member(Method::DELETE, &image(&id)), "403 Forbidden"),
        (by_member(Method::GET, "/v2/nothing"), "404 Not Found"),
        (
            by_member(Method::PUT, "/v2/images"),
            "405 Method Not Allowed",
        ),
        (
            by_member(Method::PATCH, &image(&id)),
            "415 Unsupported Media Type",
        ),
    ] {
        let body = call.send().await.json();
        assert_eq!(body["code"], code);
        assert!(code.ends_with(body["title"].as_str().expect("a title")));
        assert!(body["message"].as_str().is_some_and(|text| text.len() > 20));
    }
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_wherever_one_is_expected() {
    let registry = Registry::open(Engine::Sqlite).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let member = json!({"member": "beta"});
    let members = format!("{}/members", image(&id));
    registry
        .post(Persona::MEMBER, &members, &member)
        .await
        .expect(200);
    for (method, path) in [
        (Method::POST, "/v2/images"),
        (Method::POST, &members),
        (Method::PUT, &format!("{members}/beta")),
        (Method::POST, &format!("{}/import", image(&id))),
    ] {
        for (body, why) in [
            ("", "Body expected in request."),
            ("{", "Malformed JSON in request body."),
            ("{} {}", "Malformed JSON in request body."),
            ("[]", "must be a JSON object"),
            ("\"a\"", "must be a JSON object"),
            ("5", "must be a JSON object"),
            ("null", "must be a JSON object"),
        ] {
            let call = registry.call(method.clone(), path).by(Persona::MEMBER);
            assert_refused(call.body(body).send().await, 400, why);
        }
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let registry = Registry::open(Engine::Sqlite).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let body = json!({"long": "x".repeat(1 << 20)});
    let refused = registry.post(Persona::MEMBER, "/v2/images", &body).await;
    assert_refused(refused, 413, "1048576 bytes at most");
    let value = "x".repeat(1 << 20);
    let change = json!([{"op": "add", "path": "/long", "value": value}]);
    let refused = registry.patch(Persona::MEMBER, &image(&id), &change).await;
    assert_refused(refused, 413, "1048576 bytes at most");
}

#[tokio::test]
async fn the_media_type_of_json_is_not_looked_at() {
    let registry = Registry::open(Engine::Sqlite).await;
    for media_type in ["application/x-www-form-urlencoded", "text/plain", "x"] {
        let call = registry
            .call(Method::POST, "/v2/images")
            .by(Persona::MEMBER);
        let call = call.header("content-type", media_type);
        call.body("{}").send().await.expect(201);
    }
    let call = registry
        .call(Method::POST, "/v2/images")
        .by(Persona::MEMBER);
    call.body("{}").send().await.expect(201);
}

async fn a_fault_of_ours_tells_the_client_nothing_of_its_cause(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    registry.execute("ALTER TABLE images RENAME TO lost").await;
    let asked = async |path: &str| {
        let call = registry.call(Method::GET, path).by(Persona::MEMBER);
        let call = call.header("accept", "application/json");
        let body: Value = call.send().await.expect(500).json();
        body["message"].as_str().expect("a message").to_owned()
    };
    let message = asked(&image(&id)).await;
    assert!(message.contains("fault of its own"), "{message}");
    assert_eq!(asked("/v2/images").await, message, "one fixed sentence");
    for word in ["table", "SELECT", "sql", "images", "lost"] {
        assert!(!message.contains(word), "{message}");
    }
}
