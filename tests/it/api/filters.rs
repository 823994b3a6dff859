//! `GET /v2/images`: what a list is narrowed by.

use axum::http::Method;
use serde_json::json;

use super::{assert_refused, image, names};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    a_list_is_narrowed_by_attributes,
    several_filters_must_all_hold,
    a_list_is_narrowed_by_data,
    a_list_is_narrowed_by_time,
    a_list_is_narrowed_by_status,
    a_list_is_narrowed_by_owner,
    hidden_images_are_listed_on_request,
    a_value_that_makes_no_sense_is_refused_by_name,
    a_text_of_a_filter_is_only_a_text,
];

/// The names found by `query`, in order of the alphabet.
async fn found(registry: &Registry, query: &str) -> Vec<String> {
    let path = format!("/v2/images?limit=100&{query}");
    let list = registry.get(Persona::ADMIN, &path).await.expect(200).json();
    let mut found: Vec<_> = names(&list).into_iter().map(str::to_owned).collect();
    found.sort_unstable();
    found
}

async fn assert_found(registry: &Registry, cases: &[(&str, &[&str])]) {
    for (query, expected) in cases {
        assert_eq!(found(registry, query).await, *expected, "{query}");
    }
}

async fn described(registry: &Registry) {
    for attributes in [
        json!({
            "name": "a", "disk_format": "raw", "tags": ["x", "y"], "protected": true,
            "os_distro": "cirros", "min_ram": 64, "min_disk": 1,
        }),
        json!({
            "name": "a,b", "disk_format": "qcow2", "tags": ["x"], "os_distro": "debian",
            "min_ram": 128,
        }),
        json!({
            "name": "a:b", "container_format": "ova", "tags": ["y"], "os_hash_algo": "sha256",
            "os_distro": "in:a,b",
        }),
        json!({"name": "q\"q", "container_format": "ami", "hw_max": "3", "size_hint": "5"}),
    ] {
        registry.image(Persona::MEMBER, attributes).await;
    }
}

async fn a_list_is_narrowed_by_attributes(engine: Engine) {
    let registry = Registry::open(engine).await;
    described(&registry).await;
    assert_found(
        &registry,
        &[
            ("name=a", &["a"]),
            ("name=A", &[]),
            ("name=a,b", &["a,b"]),
            ("name=eq:a", &["a"]),
            ("name=eq:a:b", &["a:b"]),
            ("name=in:a", &["a"]),
            ("name=in:a,a:b,none", &["a", "a:b"]),
            ("name=in:%22a,b%22,a", &["a", "a,b"]),
            ("name=in:%22q%5C%22q%22", &["q\"q"]),
            ("name=in:", &[]),
            ("disk_format=raw", &["a", "a:b", "q\"q"]),
            ("disk_format=in:raw,qcow2", &["a", "a,b", "a:b", "q\"q"]),
            ("container_format=in:ova,ami", &["a:b", "q\"q"]),
            ("container_format=eq:ova", &["a:b"]),
            ("tag=x", &["a", "a,b"]),
            ("tag=x&tag=y", &["a"]),
            ("tag=none", &[]),
            ("protected=true", &["a"]),
            ("protected=false", &["a,b", "a:b", "q\"q"]),
            ("os_hash_algo=sha256", &["a:b"]),
            ("os_distro=cirros", &["a"]),
            ("os_distro=in:a,b", &["a:b"]),
            ("os_distro=Cirros", &[]),
            ("hw_max=3", &["q\"q"]),
            ("absent=x", &[]),
            ("min_ram=64", &["a"]),
            ("min_ram_min=64", &["a", "a,b"]),
            ("min_ram_max=64", &["a", "a:b", "q\"q"]),
            ("min_disk_min=1", &["a"]),
            ("deleted=true", &["a", "a,b", "a:b", "q\"q"]),
        ],
    )
    .await;
}

async fn several_filters_must_all_hold(engine: Engine) {
    let registry = Registry::open(engine).await;
    described(&registry).await;
    assert_found(
        &registry,
        &[
            ("tag=x&disk_format=raw", &["a"]),
            ("tag=x&disk_format=raw&os_distro=debian", &[]),
            ("os_distro=cirros&min_ram_min=1&min_ram_max=64", &["a"]),
            ("os_distro=cirros&os_distro=debian", &[]),
        ],
    )
    .await;
}

async fn a_list_is_narrowed_by_data(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (name, data) in [("one", "x"), ("three", "xxx"), ("five", "xxxxx")] {
        registry
            .active_image(Persona::MEMBER, json!({"name": name}), data)
            .await;
    }
    registry
        .image(Persona::MEMBER, json!({"name": "none"}))
        .await;
    assert_found(
        &registry,
        &[
            ("size=3", &["three"]),
            ("size_min=3", &["five", "three"]),
            ("size_max=3", &["one", "three"]),
            ("size_min=2&size_max=4", &["three"]),
            ("virtual_size_min=5", &["five"]),
            // What md5sum says of "x".
            ("checksum=9dd4e461268c8034f5c8564e155c67a6", &["one"]),
            ("checksum=9DD4E461268C8034F5C8564E155C67A6", &[]),
            ("os_hash_algo=sha512", &["five", "one", "three"]),
        ],
    )
    .await;
    let path = "/v2/images?name=five";
    let list = registry.get(Persona::MEMBER, path).await.json();
    let value = list["images"][0]["os_hash_value"]
        .as_str()
        .expect("a digest");
    assert_eq!(
        found(&registry, &format!("os_hash_value={value}")).await,
        ["five"]
    );
}

async fn a_list_is_narrowed_by_time(engine: Engine) {
    let registry = Registry::open(engine).await;
    for name in ["new", "old"] {
        registry.image(Persona::MEMBER, json!({"name": name})).await;
    }
    // 2001-09-09T01:46:40Z
    let statement = "UPDATE images SET created_at = 1000000000000000, \
                     updated_at = 1000000000000000 WHERE name = 'old'";
    registry.execute(statement).await;
    for key in ["created_at", "updated_at"] {
        for (value, expected) in [
            ("2001-09-09T01:46:40Z", &["old"][..]),
            ("eq:2001-09-09T01:46:40Z", &["old"]),
            ("eq:2001-09-09T01:46:41Z", &[]),
            ("neq:2001-09-09T01:46:40Z", &["new"]),
            ("gt:2001-09-09T01:46:40Z", &["new"]),
            ("gte:2001-09-09T01:46:40Z", &["new", "old"]),
            ("lt:2001-09-09T01:46:40Z", &[]),
            ("lte:2001-09-09T01:46:40Z", &["old"]),
            ("lt:2001-09-09T01:46:41Z", &["old"]),
            ("lte:2001-09-09T03:46:40%2B02:00", &["old"]),
        ] {
            let query = format!("{key}={value}");
            assert_eq!(found(&registry, &query).await, expected, "{query}");
        }
        let between = format!("{key}=gt:2001-01-01T00:00:00Z&{key}=lt:2002-01-01T00:00:00Z");
        assert_eq!(found(&registry, &between).await, ["old"]);
    }
}

async fn a_list_is_narrowed_by_status(engine: Engine) {
    let registry = Registry::open(engine).await;
    registry
        .image(Persona::MEMBER, json!({"name": "queued"}))
        .await;
    registry
        .active_image(Persona::MEMBER, json!({"name": "active"}), "x")
        .await;
    let id = registry
        .active_image(Persona::MEMBER, json!({"name": "closed"}), "x")
        .await;
    let path = format!("{}/actions/deactivate", image(&id));
    let call = registry.call(Method::POST, &path).by(Persona::MEMBER);
    call.send().await.expect(204);
    assert_found(
        &registry,
        &[
            ("status=active", &["active"]),
            ("status=deactivated", &["closed"]),
            ("status=in:queued,active", &["active", "queued"]),
            ("status=deleted", &[]),
            ("status=nonsense", &[]),
        ],
    )
    .await;
}

async fn a_list_is_narrowed_by_owner(engine: Engine) {
    let registry = Registry::open(engine).await;
    registry
        .image(Persona::MEMBER, json!({"name": "alpha's"}))
        .await;
    registry
        .image(Persona::STRANGER, json!({"name": "beta's"}))
        .await;
    assert_found(
        &registry,
        &[
            ("owner=alpha", &["alpha's"]),
            ("owner=beta", &["beta's"]),
            ("owner=none", &[]),
        ],
    )
    .await;
    // It shows a project nothing that it would not see otherwise.
    let list = registry.get(Persona::MEMBER, "/v2/images?owner=beta").await;
    assert_eq!(names(&list.expect(200).json()).len(), 0);
}

async fn hidden_images_are_listed_on_request(engine: Engine) {
    let registry = Registry::open(engine).await;
    registry
        .image(Persona::MEMBER, json!({"name": "seen"}))
        .await;
    let hidden = json!({"name": "hidden", "os_hidden": true});
    let id = registry.image(Persona::MEMBER, hidden).await;
    assert_found(
        &registry,
        &[
            ("", &["seen"]),
            ("os_hidden=false", &["seen"]),
            ("os_hidden=False", &["seen"]),
            ("os_hidden=true", &["hidden"]),
            ("os_hidden=TRUE", &["hidden"]),
        ],
    )
    .await;
    registry.get(Persona::MEMBER, &image(&id)).await.expect(200);
}

async fn a_value_that_makes_no_sense_is_refused_by_name(engine: Engine) {
    let registry = Registry::open(engine).await;
    let long_list = format!("in:{}", vec!["a"; 1001].join(","));
    for (key, value) in [
        ("visibility", "secret"),
        ("visibility", "Public"),
        ("member_status", "maybe"),
        ("member_status", ""),
        ("os_hidden", "maybe"),
        ("os_hidden", "1"),
        ("protected", "True"),
        ("protected", "yes"),
        ("protected", ""),
        ("name", "a:b"),
        ("name", "neq:a"),
        ("name", "in:%22a"),
        ("name", "in:a%22b"),
        ("name", "in:%22a%22b"),
        ("name", long_list.as_str()),
        ("id", "x:y"),
        ("status", "gt:active"),
        ("container_format", "like:a"),
        ("disk_format", "like:a"),
        ("created_at", "yesterday"),
        ("created_at", "gt:"),
        ("created_at", "after:2001-09-09T01:46:40Z"),
        ("updated_at", "2001-13-09T01:46:40Z"),
        ("size", "big"),
        ("size_min", "1.5"),
        ("size_max", ""),
        ("virtual_size_min", "x"),
        ("min_ram", "x"),
        ("min_disk_max", "x"),
        ("changes-since", "2001-09-09T01:46:40Z"),
        ("locations", "x"),
        ("properties", "x"),
        ("members", "x"),
    ] {
        let path = format!("/v2/images?{key}={value}");
        let refused = registry.get(Persona::MEMBER, &path).await;
        assert_refused(refused, 400, &format!("'{key}'"));
    }
    let many = vec!["tag=a"; 300].join("&");
    let refused = registry
        .get(Persona::MEMBER, &format!("/v2/images?{many}"))
        .await;
    assert_refused(refused, 400, "parameters at most");
}

async fn a_text_of_a_filter_is_only_a_text(engine: Engine) {
    let registry = Registry::open(engine).await;
    described(&registry).await;
    for text in [
        "%27",
        "%27%20OR%201%3D1--",
        "%25",
        "_",
        "*",
        "a%27%29",
        "%5C",
        "%F0%9F%98%80",
    ] {
        for key in ["name", "owner", "tag", "id", "checksum", "os_distro", text] {
            let query = format!("{key}={text}");
            assert_eq!(found(&registry, &query).await, [""; 0], "{query}");
        }
    }
}
