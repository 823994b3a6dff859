//! How the stores are set up, for those who may know.

use serde_json::json;

use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    administrators_are_told_how_the_stores_are_set_up,
    with_a_single_store_there_is_nothing_to_tell,
];

async fn administrators_are_told_how_the_stores_are_set_up(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let path = "/v2/info/stores/detail";
    registry.get(Persona::MEMBER, path).await.expect(403);
    let answer = registry.get(Persona::ADMIN, path).await.expect(200).json();
    let stores = answer["stores"].as_array().expect("a list");
    let told: Vec<_> = stores
        .iter()
        .map(|store| (store["id"].clone(), store["weight"].clone()))
        .collect();
    let expected = [("fast", 30), ("slow", 20), ("spare", 10)];
    assert_eq!(
        told,
        expected.map(|(id, weight)| (json!(id), json!(weight)))
    );
    let slow = &stores[1];
    assert_eq!(slow["default"], "true");
    assert_eq!(slow["type"], "file");
    let folder = registry.folder().join("stores/slow");
    assert_eq!(slow["properties"]["data_dir"], folder.display().to_string());
    assert_eq!(slow["properties"]["thin_provisioning"], false);
}

/// Glance looks for stores before it asks who may know.
async fn with_a_single_store_there_is_nothing_to_tell(engine: Engine) {
    let registry = Registry::open(engine).await;
    for persona in [Persona::MEMBER, Persona::ADMIN] {
        let answer = registry.get(persona, "/v2/info/stores/detail").await;
        answer.expect(404);
    }
}
