//! What Keystone lets a project have.

use std::sync::Arc;

use hallmark::{
    config::{Config, Sources},
    domain::{Limit, Resource, SystemClock},
    keystone::Limits,
};
use serde_json::json;
use tempfile::TempDir;

use crate::{keystone::login, support::FakeKeystone};

/// Limits as a configuration with `endpoint` in `[oslo_limit]` asks for them.
fn limits(keystone: &FakeKeystone, endpoint: &str) -> Limits {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("hallmark.toml");
    let text = format!(
        "[DEFAULT]\nuse_keystone_limits = true\n[oslo_limit]\n{}\n{endpoint}",
        login(keystone)
    );
    std::fs::write(&file, text).expect("a file");
    let config = Config::load(&Sources::new(vec![file], Vec::new()));
    let config = config.unwrap_or_else(|faults| panic!("{faults}"));
    let settings = config.keystone_limits.expect("limits");
    Limits::new(settings, Arc::new(SystemClock)).expect("usable settings")
}

/// A Keystone with an endpoint and with limits of the project `alpha`.
async fn keystone() -> FakeKeystone {
    let keystone = FakeKeystone::start().await;
    let endpoint = json!({"id": "e", "service_id": "s", "region_id": "R"});
    keystone.has("endpoints/e", json!({"endpoint": endpoint}));
    keystone.has("endpoints", json!({"endpoints": [endpoint]}));
    keystone.has(
        "services",
        json!({"services": [{"id": "s", "type": "image"}]}),
    );
    keystone.has(
        "registered_limits",
        json!({"registered_limits": [
            {"resource_name": "image_size_total", "default_limit": 1000},
            {"resource_name": "image_count_total", "default_limit": -1},
            {"resource_name": "image_stage_total", "default_limit": 7},
            {"resource_name": "volumes", "default_limit": 3},
        ]}),
    );
    keystone.has(
        "limits",
        json!({"limits": [
            {"resource_name": "image_size_total", "resource_limit": 5, "project_id": "alpha"},
            {"resource_name": "image_stage_total", "resource_limit": 9, "project_id": "beta"},
            {"resource_name": "image_stage_total", "resource_limit": 9, "project_id": null},
        ]}),
    );
    keystone
}

#[tokio::test]
async fn the_limit_of_a_project_wins_over_the_one_for_all_and_neither_is_nothing() {
    let keystone = keystone().await;
    let limits = limits(&keystone, "endpoint_id = \"e\"");
    let found = limits.of("alpha").await.expect("limits");
    let of = |resource| found.of(resource);
    assert_eq!(of(Resource::ImageSizeTotal), Limit::AtMost(5));
    assert_eq!(of(Resource::ImageCountTotal), Limit::Unlimited);
    assert_eq!(of(Resource::ImageStageTotal), Limit::AtMost(7));
    assert_eq!(of(Resource::ImageCountUploading), Limit::AtMost(0));
}

#[tokio::test]
async fn only_the_limits_of_the_project_are_asked_for_each_time() {
    let keystone = keystone().await;
    let limits = limits(
        &keystone,
        "endpoint_service_type = \"image\"\nendpoint_region_name = \"R\"",
    );
    for _ in 0..3 {
        limits.of("alpha&x=1").await.expect("limits");
    }
    let asked = keystone.asked().others;
    let paths: Vec<_> = asked.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "services",
            "endpoints",
            "registered_limits",
            "limits",
            "limits",
            "limits",
        ]
    );
    let queries: Vec<_> = asked.iter().map(|(_, query)| json!(query)).collect();
    assert_eq!(queries[0], json!({"type": "image"}));
    assert_eq!(
        queries[1],
        json!({"service_id": "s", "interface": "public", "region_id": "R"})
    );
    assert_eq!(queries[2], json!({"service_id": "s", "region_id": "R"}));
    assert_eq!(
        queries[3],
        json!({"service_id": "s", "region_id": "R", "project_id": "alpha&x=1"})
    );
}

#[tokio::test]
async fn without_a_clear_answer_there_are_no_limits() {
    let keystone = FakeKeystone::start().await;
    let by_id = limits(&keystone, "endpoint_id = \"e\"");
    let told = by_id
        .of("alpha")
        .await
        .expect_err("no endpoint")
        .to_string();
    assert!(told.contains("403"), "{told}");
    keystone.has("services", json!({"services": [{"id": "s"}, {"id": "t"}]}));
    let by_type = limits(&keystone, "endpoint_service_type = \"image\"");
    let told = by_type
        .of("alpha")
        .await
        .expect_err("two services")
        .to_string();
    assert!(told.contains("2 of Keystone's services"), "{told}");
}
