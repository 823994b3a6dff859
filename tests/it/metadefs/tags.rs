//! Tags of namespaces.

use axum::http::Method;
use serde_json::{Value, json};

use super::{ADMIN, assert_refused, at, create, full, names, shown};
use crate::support::{Answer, Engine, Registry, on_every_engine};

on_every_engine![
    a_tag_is_created_shown_renamed_and_deleted,
    many_tags_replace_those_that_are_there,
    many_tags_are_added_if_a_header_says_so,
    tags_are_listed_page_by_page,
    what_is_no_name_of_a_tag_is_refused,
    all_tags_can_be_deleted_at_once,
];

async fn post(registry: &Registry, path: &str) -> Answer {
    registry
        .call(Method::POST, &at(path))
        .by(ADMIN)
        .send()
        .await
}

async fn tags(registry: &Registry, query: &str) -> Vec<String> {
    let list = registry.get(ADMIN, &at(&format!("n/tags{query}"))).await;
    names(&list.expect(200).json()["tags"], "name")
}

async fn a_tag_is_created_shown_renamed_and_deleted(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", json!({})).await;
    let created = post(&registry, "n/tags/a").await.expect(201).json();
    assert_eq!(created["name"], "a");
    assert_refused(post(&registry, "n/tags/a").await, 409, "tag with name=a");
    let found = registry.get(ADMIN, &at("n/tags/a")).await.expect(200);
    assert_eq!(found.json(), created);
    let renamed = registry
        .put(ADMIN, &at("n/tags/a"), &json!({"name": "b"}))
        .await;
    assert_eq!(renamed.expect(200).json()["name"], "b");
    registry.get(ADMIN, &at("n/tags/a")).await.expect(404);
    post(&registry, "n/tags/c").await.expect(201);
    let clash = registry
        .put(ADMIN, &at("n/tags/c"), &json!({"name": "b"}))
        .await;
    assert_refused(clash, 409, "tag with name=b already exists");
    let unknown = registry
        .put(ADMIN, &at("n/tags/no"), &json!({"name": "x"}))
        .await;
    assert_refused(unknown, 404, "name=no");
    registry.delete(ADMIN, &at("n/tags/b")).await.expect(204);
    registry.delete(ADMIN, &at("n/tags/b")).await.expect(404);
    assert_eq!(tags(&registry, "").await, ["c"]);
}

async fn many_tags_replace_those_that_are_there(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    let body = json!({"tags": [{"name": "x"}, {"name": "fast"}]});
    let created = registry.post(ADMIN, &at("n/tags"), &body).await;
    assert_eq!(created.expect(201).json(), body);
    assert_eq!(
        tags(&registry, "?sort_key=name&sort_dir=asc").await,
        ["fast", "x"]
    );
    let twice = json!({"tags": [{"name": "y"}, {"name": "y"}]});
    let clash = registry.post(ADMIN, &at("n/tags"), &twice).await;
    assert_refused(clash, 409, "tag with name=y");
    let none = json!({"tags": []});
    registry.post(ADMIN, &at("n/tags"), &none).await.expect(201);
    assert_eq!(
        tags(&registry, "?sort_key=name&sort_dir=asc").await,
        ["fast", "x"]
    );
}

async fn many_tags_are_added_if_a_header_says_so(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    let append = async |word: &str, body: Value| {
        let call = registry.call(Method::POST, &at("n/tags")).by(ADMIN);
        call.header("x-openstack-append", word)
            .json(&body)
            .send()
            .await
    };
    append("True", json!({"tags": [{"name": "x"}]}))
        .await
        .expect(201);
    assert_eq!(tags(&registry, "").await, ["x", "slow", "fast"]);
    let clash = append("1", json!({"tags": [{"name": "y"}, {"name": "x"}]})).await;
    assert_refused(clash, 409, "tag with name=x");
    assert_eq!(tags(&registry, "").await, ["x", "slow", "fast"]);
    append("no", json!({"tags": [{"name": "z"}]}))
        .await
        .expect(201);
    assert_eq!(tags(&registry, "").await, ["z"]);
}

async fn tags_are_listed_page_by_page(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", json!({})).await;
    for tag in ["b", "a", "c"] {
        post(&registry, &format!("n/tags/{tag}")).await.expect(201);
    }
    for (query, expected) in [
        ("", vec!["c", "a", "b"]),
        ("?limit=1", vec!["c"]),
        ("?limit=1&marker=c", vec!["a"]),
        ("?sort_key=name", vec!["c", "b", "a"]),
        ("?sort_dir=asc&marker=b", vec!["a", "c"]),
        ("?limit=0", vec![]),
    ] {
        assert_eq!(tags(&registry, query).await, expected, "{query}");
    }
    for (query, status) in [("limit=x", 400), ("sort_key=id", 400), ("marker=no", 404)] {
        let path = at(&format!("n/tags?{query}"));
        registry.get(ADMIN, &path).await.expect(status);
    }
}

async fn what_is_no_name_of_a_tag_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    let long = "x".repeat(81);
    assert_refused(
        post(&registry, &format!("n/tags/{long}")).await,
        400,
        "80 characters",
    );
    assert_refused(post(&registry, "n/tags/a%2Fb").await, 400, "slash");
    let call = registry.call(Method::POST, &at("n/tags/a")).by(ADMIN);
    assert_refused(call.body("{}").send().await, 400, "body is not expected");
    for (body, status, named) in [
        (json!({"tags": [{"name": long}]}), 400, "tags[0].name"),
        (json!({"tags": [{"name": "a", "x": 1}]}), 400, "tags[0].x"),
        (json!({"tags": "a"}), 400, "tags"),
        (json!({"bogus": []}), 400, "bogus"),
        (json!({"created_at": "x"}), 403, "created_at"),
    ] {
        let answer = registry.post(ADMIN, &at("n/tags"), &body).await;
        assert_refused(answer, status, named);
    }
    for (body, status, named) in [
        (json!({"name": ""}), 400, "name"),
        (json!({}), 400, "name"),
        (json!({"name": "a", "x": 1}), 400, "x"),
        (json!({"name": "a", "updated_at": "x"}), 403, "updated_at"),
    ] {
        let answer = registry.put(ADMIN, &at("n/tags/fast"), &body).await;
        assert_refused(answer, status, named);
    }
}

async fn all_tags_can_be_deleted_at_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    registry.delete(ADMIN, &at("n/tags")).await.expect(204);
    assert_eq!(shown(&registry, "n").await.get("tags"), None);
    registry.delete(ADMIN, &at("no/tags")).await.expect(404);
}
