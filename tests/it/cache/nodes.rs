//! Several nodes on one database: each has a cache of its own, and knows of the others'.

use axum::http::Method;
use serde_json::json;
use tempfile::TempDir;

use super::{Cached, DATA, file, files_of, settings};
use crate::support::{Engine, Persona, on_every_engine, until};

on_every_engine![
    every_node_tells_which_of_them_hold_an_image,
    a_node_shows_and_empties_its_own_cache_alone,
    nodes_know_of_each_other_only_by_the_central_driver,
    a_node_without_an_address_goes_by_its_machine,
];

const HERE: &str = "worker_self_reference_url = \"http://here:9292/\"";
const THERE: &str = "worker_self_reference_url = \"http://there:9292\"";

async fn nodes(cached: &Cached, id: &str) -> serde_json::Value {
    let path = format!("/v2/cache/nodes/{id}");
    let answer = cached.registry.get(Persona::ADMIN, &path).await;
    answer.expect(200).json()
}

async fn every_node_tells_which_of_them_hold_an_image(engine: Engine) {
    let cached = Cached::with(engine, HERE).await;
    let folder = TempDir::new().expect("a folder");
    let more = format!("{}\n{THERE}", settings(folder.path()));
    let there = cached.registry.twin_with(&more).await;
    let id = cached.image(DATA).await;
    assert_eq!(nodes(&cached, &id).await, json!([]));
    cached.download(&id).await.expect(200);
    cached.until_cached(&id).await;
    assert_eq!(nodes(&cached, &id).await, json!(["http://here:9292"]));

    let call = cached.registry.call(Method::GET, &file(&id));
    let call = call.to(there.router()).by(Persona::MEMBER);
    call.send().await.expect(200);
    until("the other has it", async || {
        there.maintenance().sweep().await.expect("a sweep");
        nodes(&cached, &id).await == json!(["http://here:9292", "http://there:9292"])
    })
    .await;
}

async fn a_node_shows_and_empties_its_own_cache_alone(engine: Engine) {
    let cached = Cached::with(engine, HERE).await;
    let folder = TempDir::new().expect("a folder");
    let more = format!("{}\n{THERE}", settings(folder.path()));
    let there = cached.registry.twin_with(&more).await;
    let on_there = |method, path: &str| {
        let call = cached.registry.call(method, path);
        call.to(there.router()).by(Persona::ADMIN)
    };
    let id = cached.cached_image(DATA).await;
    let state = on_there(Method::GET, "/v2/cache").send().await;
    assert_eq!(state.expect(200).json()["cached_images"], json!([]));
    on_there(Method::GET, &file(&id)).send().await.expect(200);
    until("it is whole", async || !files_of(folder.path()).is_empty()).await;
    let emptied = on_there(Method::DELETE, "/v2/cache").send().await;
    emptied.expect(204);
    assert!(cached.has(&id).await);
    cached.only_file();
}

async fn nodes_know_of_each_other_only_by_the_central_driver(engine: Engine) {
    let cached = Cached::with(engine, "image_cache_driver = \"xattr\"").await;
    let id = cached.cached_image(DATA).await;
    let path = format!("/v2/cache/nodes/{id}");
    cached.registry.get(Persona::ADMIN, &path).await.expect(409);
}

async fn a_node_without_an_address_goes_by_its_machine(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let nodes = nodes(&cached, &id).await;
    let node = nodes[0].as_str().expect("an address");
    assert!(
        node.starts_with("http://") && node.ends_with(":9292"),
        "{node}"
    );
}
