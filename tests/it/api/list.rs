//! `GET /v2/images`: in which order, page by page.

use std::cmp::Ordering;

use axum::http::Method;
use serde_json::{Value, json};

use super::{NO_IMAGE, assert_refused, image, names};
use crate::support::{Engine, Persona, Registry, on_every_engine};

const KEYS: [&str; 8] = [
    "name",
    "status",
    "container_format",
    "disk_format",
    "size",
    "id",
    "created_at",
    "updated_at",
];

on_every_engine![
    an_empty_registry_has_an_empty_list,
    the_newest_image_comes_first,
    every_order_is_the_same_page_by_page,
    both_spellings_of_an_order_mean_the_same,
    an_order_that_makes_no_sense_is_refused_by_name,
    a_page_has_a_size,
    a_page_has_a_greatest_size,
    a_marker_is_an_image_the_caller_may_see,
    links_keep_all_that_was_asked_for,
    who_may_not_list_is_told,
];

async fn list(registry: &Registry, persona: Persona, query: &str) -> Value {
    let answer = registry.get(persona, &format!("/v2/images?{query}")).await;
    answer.expect(200).json()
}

/// All images, found by following the links from page to page.
async fn walk(registry: &Registry, persona: Persona, query: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut path = format!("/v2/images?{query}");
    loop {
        let mut page = registry.get(persona, &path).await.expect(200).json();
        let Value::Array(images) = page["images"].take() else {
            panic!("no images: {page}")
        };
        all.extend(images);
        assert!(all.len() < 100, "the pages never end");
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut path),
            None => return all,
        }
    }
}

/// Images that differ and agree in everything a list is sorted by, null included.
async fn assorted(registry: &Registry) {
    for (name, disk_format, data) in [
        (json!(null), json!(null), None),
        (json!("b"), json!("raw"), Some("xxx")),
        (json!("B"), json!("raw"), None),
        (json!("a"), json!("aki"), Some("x")),
        (json!("é"), json!("raw"), Some("xxx")),
        (json!("a"), json!("raw"), Some("")),
        (json!(""), json!("iso"), None),
        (json!(null), json!("raw"), Some("xx")),
        (json!("a b"), json!("qcow2"), None),
    ] {
        let attributes = json!({"name": name, "disk_format": disk_format});
        let id = registry.image(Persona::MEMBER, attributes).await;
        if let Some(data) = data {
            registry
                .upload(Persona::MEMBER, &id, data)
                .await
                .expect(204);
        }
    }
}

/// How two images stand to each other by `key`; null is the empty text or zero.
fn compare(key: &str, one: &Value, other: &Value) -> Ordering {
    let number = |image: &Value| image[key].as_u64().unwrap_or(0);
    let text = |image: &Value| image[key].as_str().unwrap_or("").to_owned();
    if key == "size" {
        number(one).cmp(&number(other))
    } else {
        text(one).cmp(&text(other))
    }
}

async fn an_empty_registry_has_an_empty_list(engine: Engine) {
    let registry = Registry::open(engine).await;
    let answer = registry
        .get(Persona::MEMBER, "/v2/images")
        .await
        .expect(200);
    let expected = json!({"images": [], "first": "/v2/images", "schema": "/v2/schemas/images"});
    assert_eq!(answer.json(), expected);
}

async fn the_newest_image_comes_first(engine: Engine) {
    let registry = Registry::open(engine).await;
    for name in ["first", "second", "third"] {
        registry.image(Persona::MEMBER, json!({"name": name})).await;
    }
    let newest_first = list(&registry, Persona::MEMBER, "").await;
    assert_eq!(names(&newest_first), ["third", "second", "first"]);
    let oldest_first = list(&registry, Persona::MEMBER, "sort_dir=asc").await;
    assert_eq!(names(&oldest_first), ["first", "second", "third"]);
    let id = newest_first["images"][0]["id"].as_str().expect("an id");
    assert_eq!(newest_first["images"][0], registry.shown(id).await);
}

async fn every_order_is_the_same_page_by_page(engine: Engine) {
    let registry = Registry::open(engine).await;
    assorted(&registry).await;
    for key in KEYS {
        for direction in ["asc", "desc"] {
            let query = format!("sort_key={key}&sort_dir={direction}");
            let mut whole = list(&registry, Persona::MEMBER, &query).await;
            let whole = whole["images"].take();
            let images = whole.as_array().expect("a list");
            assert_eq!(images.len(), 9);
            for pair in images.windows(2) {
                let order = compare(key, &pair[0], &pair[1]);
                let wrong = match direction {
                    "asc" => Ordering::Greater,
                    _ => Ordering::Less,
                };
                assert_ne!(order, wrong, "{query}: {pair:#?}");
            }
            for limit in [1, 2, 9, 10] {
                let query = format!("limit={limit}&{query}");
                let walked = walk(&registry, Persona::MEMBER, &query).await;
                assert_eq!(&walked, images, "{query}");
            }
        }
    }
}

async fn both_spellings_of_an_order_mean_the_same(engine: Engine) {
    let registry = Registry::open(engine).await;
    assorted(&registry).await;
    for (pairs, lists) in [
        ("sort=name", "sort_key=name"),
        ("sort=name:asc", "sort_key=name&sort_dir=asc"),
        (
            "sort=disk_format:asc,size:desc",
            "sort_key=disk_format&sort_key=size&sort_dir=asc&sort_dir=desc",
        ),
        (
            "sort=size:desc,name:desc",
            "sort_key=size&sort_key=name&sort_dir=desc",
        ),
        ("sort=status,name", "sort_key=status&sort_key=name"),
    ] {
        let by_pairs = walk(&registry, Persona::MEMBER, &format!("limit=2&{pairs}")).await;
        let by_lists = walk(&registry, Persona::MEMBER, &format!("limit=4&{lists}")).await;
        assert_eq!(by_pairs, by_lists, "{pairs}");
        assert_eq!(by_pairs.len(), 9);
    }
}

async fn an_order_that_makes_no_sense_is_refused_by_name(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (query, named) in [
        ("sort_key=colour", "sort_key"),
        ("sort_key=min_ram", "sort_key"),
        ("sort_key=", "sort_key"),
        ("sort_dir=up", "sort_dir"),
        ("sort_dir=", "sort_dir"),
        ("sort_key=name&sort_dir=asc&sort_dir=desc", "sort_dir"),
        ("sort=colour", "sort"),
        ("sort=name:up", "sort"),
        ("sort=", "sort"),
        ("sort=name&sort_key=name", "sort"),
        ("sort=name&sort_dir=asc", "sort"),
    ] {
        let path = format!("/v2/images?{query}");
        assert_refused(registry.get(Persona::MEMBER, &path).await, 400, named);
    }
}

async fn a_page_has_a_size(engine: Engine) {
    let registry = Registry::open(engine).await;
    for name in ["a", "b", "c"] {
        registry.image(Persona::MEMBER, json!({"name": name})).await;
    }
    for (limit, count, more) in [(0, 0, false), (1, 1, true), (3, 3, true), (4, 3, false)] {
        let page = list(&registry, Persona::MEMBER, &format!("limit={limit}")).await;
        assert_eq!(names(&page).len(), count, "limit={limit}");
        assert_eq!(page.get("next").is_some(), more, "limit={limit}");
    }
    // A page that is full may be the last one.
    let page = list(&registry, Persona::MEMBER, "limit=3").await;
    let next = page["next"].as_str().expect("a link");
    let last = registry.get(Persona::MEMBER, next).await.expect(200).json();
    assert_eq!((names(&last).len(), last.get("next")), (0, None));
    for limit in ["-1", "a", "1.5", "", "1%20"] {
        let path = format!("/v2/images?limit={limit}");
        assert_refused(registry.get(Persona::MEMBER, &path).await, 400, "'limit'");
    }
}

async fn a_page_has_a_greatest_size(engine: Engine) {
    let settings = "[DEFAULT]\nlimit_param_default = 2\napi_limit_max = 3";
    let registry = Registry::with(engine, settings).await;
    for name in ["a", "b", "c", "d"] {
        registry.image(Persona::MEMBER, json!({"name": name})).await;
    }
    for (query, count) in [
        ("", 2),
        ("limit=3", 3),
        ("limit=4", 3),
        ("limit=99999999999999999999", 3),
    ] {
        let page = list(&registry, Persona::MEMBER, query).await;
        assert_eq!(names(&page).len(), count, "{query}");
        let query = format!("sort=name:asc&{query}");
        let walked = walk(&registry, Persona::MEMBER, &query).await;
        assert_eq!(walked.len(), 4, "{query}");
    }
}

async fn a_marker_is_an_image_the_caller_may_see(engine: Engine) {
    let registry = Registry::open(engine).await;
    let seen = registry
        .image(Persona::MEMBER, json!({"name": "seen"}))
        .await;
    let hidden = registry.image(Persona::STRANGER, json!({})).await;
    let deleted = registry.image(Persona::MEMBER, json!({})).await;
    registry
        .delete(Persona::MEMBER, &image(&deleted))
        .await
        .expect(204);
    for (marker, status) in [
        (seen.as_str(), 200),
        (&hidden, 403),
        (&deleted, 400),
        (NO_IMAGE, 400),
        ("zzz", 400),
        ("", 400),
    ] {
        let path = format!("/v2/images?marker={marker}");
        let answer = registry.get(Persona::MEMBER, &path).await.expect(status);
        if status == 400 {
            assert!(answer.text().contains("marker"), "{}", answer.text());
        }
    }
    let page = list(&registry, Persona::MEMBER, &format!("marker={seen}")).await;
    assert_eq!(names(&page).len(), 0);
}

async fn links_keep_all_that_was_asked_for(engine: Engine) {
    let registry = Registry::open(engine).await;
    for n in 0..3 {
        let attributes = json!({"name": "a b&c=é", "tags": ["a", "b+", n.to_string()]});
        registry.image(Persona::MEMBER, attributes).await;
    }
    registry
        .image(Persona::MEMBER, json!({"name": "a b&c=é", "tags": ["b+"]}))
        .await;
    let query = "name=a+b%26c%3D%C3%A9&tag=a&tag=b%2B&sort_key=name&sort_key=id\
                 &sort_dir=asc&sort_dir=desc&limit=1";
    let page = list(&registry, Persona::MEMBER, query).await;
    assert_eq!(page["first"], format!("/v2/images?{query}"));
    let id = page["images"][0]["id"].as_str().expect("an id");
    assert_eq!(page["next"], format!("/v2/images?{query}&marker={id}"));
    let next = page["next"].as_str().expect("a link");
    let second = registry.get(Persona::MEMBER, next).await.expect(200).json();
    assert_eq!(second["first"], page["first"], "the marker is not kept");
    assert_eq!(walk(&registry, Persona::MEMBER, query).await.len(), 3);
}

async fn who_may_not_list_is_told(engine: Engine) {
    let registry = Registry::open(engine).await;
    let no_role = Persona {
        roles: "",
        ..Persona::MEMBER
    };
    let refused = registry.get(no_role, "/v2/images").await;
    assert_refused(refused, 403, "get_images");
    registry
        .call(Method::GET, "/v2/images")
        .send()
        .await
        .expect(401);
}
