//! What is staged on one node, and asked of another.

use std::sync::Arc;

use axum::http::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    DATA, HERE, Nodes, data, delete, import, import_by, leftovers, on, stage, sweep, work,
};
use crate::support::{Engine, Fault, Origin, Persona, Registry, on_every_engine, until};

on_every_engine![
    what_one_node_staged_another_is_asked_to_import,
    an_import_that_waits_for_its_node_is_seen_everywhere,
    where_data_are_staged_is_not_shown,
    a_deletion_by_another_node_removes_what_was_staged,
    an_image_deleted_by_another_node_before_its_import_leaves_nothing,
    an_image_deleted_by_another_node_during_its_import_leaves_nothing,
    only_the_node_that_staged_takes_up_an_import_that_stopped,
    an_import_that_has_filled_a_store_is_anybodys,
    what_is_not_staged_is_anybodys,
    without_names_what_is_staged_is_everybodys,
];

async fn what_one_node_staged_another_is_asked_to_import(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.importing().await;
    assert_eq!(work(&nodes.there).await, 0);
    assert_eq!(sweep(&nodes.there).await, leftovers(0));
    assert_eq!(nodes.status(&id).await, "importing");
    assert_eq!(work(nodes.here.app()).await, 1);
    assert_eq!(nodes.status(&id).await, "active");
    assert_eq!(data(&nodes.here, &nodes.there, &id).await, DATA);
    assert_eq!(nodes.files_here(), [""; 0]);
    assert_eq!(nodes.files_there(), [""; 0]);
}

async fn an_import_that_waits_for_its_node_is_seen_everywhere(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.importing().await;
    work(&nodes.there).await;
    for app in [nodes.here.app(), &nodes.there] {
        let path = format!("/v2/images/{id}/tasks");
        let tasks = on(&nodes.here, app, Method::GET, &path).await.json();
        assert_eq!(tasks["tasks"][0]["status"], "pending", "{tasks}");
        let call = nodes.here.call(Method::GET, "/v2/tasks").to(app.router());
        let tasks = call.by(Persona::ADMIN).send().await.json();
        assert_eq!(tasks["tasks"][0]["status"], "pending", "{tasks}");
    }
}

async fn where_data_are_staged_is_not_shown(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.staged().await;
    let area = nodes.here.rows("SELECT staged_in FROM images").await;
    let shown = nodes.here.shown(&id).await.to_string();
    for secret in ["http://here", "stage_host", "staged_in", &area[0]] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

async fn a_deletion_by_another_node_removes_what_was_staged(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.staged().await;
    assert_eq!(nodes.files_here(), [id.as_str()]);
    delete(&nodes.here, &nodes.there, &id).await;
    assert_eq!(sweep(&nodes.there).await, leftovers(0));
    assert_eq!(sweep(nodes.here.app()).await, leftovers(1));
    assert_eq!(nodes.files_here(), [""; 0]);
}

async fn an_image_deleted_by_another_node_before_its_import_leaves_nothing(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.importing().await;
    delete(&nodes.here, &nodes.there, &id).await;
    // The task waits for nobody any more.
    assert_eq!(work(&nodes.there).await, 1);
    assert_eq!(work(nodes.here.app()).await, 0);
    assert_eq!(sweep(nodes.here.app()).await, leftovers(1));
    assert_eq!(nodes.files_here(), [""; 0]);
}

async fn an_image_deleted_by_another_node_during_its_import_leaves_nothing(engine: Engine) {
    let settings = format!("{HERE}\n[worker]\nlease = 3");
    let nodes = Nodes::with(engine, &settings).await;
    let id = nodes.importing().await;
    let running = hang(&nodes).await;
    delete(&nodes.here, &nodes.there, &id).await;
    assert_eq!(sweep(&nodes.there).await, leftovers(0));
    running.await.expect("an end");
    assert_eq!(nodes.files_here(), [""; 0]);
    assert_eq!(sweep(nodes.here.app()).await, leftovers(0));
    let status = nodes.here.rows("SELECT status FROM tasks").await;
    assert_eq!(status, ["failure"]);
    let left: Vec<_> = nodes.here.files().into_iter().collect();
    assert_eq!(left, ["data/staging/.area"]);
}

/// Begins to run an import on the first node that hangs when its store is about to be filled.
async fn hang(nodes: &Nodes) -> tokio::task::JoinHandle<()> {
    nodes.stores.set("slow", Fault::Hang);
    let process = Arc::new(nodes.here.twin().await);
    let running = tokio::spawn(async move {
        let stop = CancellationToken::new();
        let turn = process.worker().turn(&stop).await;
        turn.expect("a database");
    });
    let incoming = nodes.here.folder().join("stores/slow/.incoming");
    until("bytes lie aside", async || {
        let mut entries = std::fs::read_dir(&incoming).expect("a folder");
        entries.next().is_some()
    })
    .await;
    running
}

async fn only_the_node_that_staged_takes_up_an_import_that_stopped(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.importing().await;
    let running = hang(&nodes).await;
    running.abort();
    let statement = "UPDATE tasks SET lease_until = 1";
    nodes.here.execute(statement).await;
    nodes.stores.set("slow", Fault::None);
    assert_eq!(work(&nodes.there).await, 0);
    sweep(&nodes.there).await;
    assert_eq!(nodes.status(&id).await, "importing");

    let nodes = nodes.again(HERE).await;
    assert_eq!(work(nodes.here.app()).await, 1);
    assert_eq!(nodes.status(&id).await, "active");
    assert_eq!(data(&nodes.here, &nodes.there, &id).await, DATA);
    assert_eq!(nodes.files_here(), [""; 0]);
}

async fn an_import_that_has_filled_a_store_is_anybodys(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.staged().await;
    let call = nodes
        .here
        .call(Method::POST, &format!("/v2/images/{id}/import"));
    let body = json!({
        "method": {"name": "glance-direct"},
        "stores": ["fast", "slow"],
        "all_stores_must_succeed": false,
    });
    let call = call.by(Persona::MEMBER).json(&body);
    call.send().await.expect(202);
    let running = hang(&nodes).await;
    until("it is active", async || nodes.status(&id).await == "active").await;
    running.abort();
    let statement = "UPDATE tasks SET lease_until = 1";
    nodes.here.execute(statement).await;
    nodes.stores.set("slow", Fault::None);
    assert_eq!(work(&nodes.there).await, 1);
    assert_eq!(nodes.here.shown(&id).await["stores"], "fast,slow");
    assert_eq!(sweep(nodes.here.app()).await.leftovers, 1);
    assert_eq!(nodes.files_here(), [""; 0]);
}

async fn what_is_not_staged_is_anybodys(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = nodes.image().await;
    let method = json!({"name": "web-download", "uri": origin.url("a")});
    import_by(&nodes.here, nodes.here.app(), &id, method)
        .await
        .expect(202);
    assert_eq!(work(&nodes.there).await, 1);
    assert_eq!(nodes.status(&id).await, "active");

    let call = nodes
        .here
        .call(Method::POST, &format!("/v2/images/{id}/import"));
    let body = json!({"method": {"name": "copy-image"}, "stores": ["fast"]});
    let call = call.by(Persona::ADMIN).json(&body);
    call.send().await.expect(202);
    assert_eq!(work(&nodes.there).await, 1);
    assert_eq!(nodes.here.shown(&id).await["stores"], "fast,slow");
}

async fn without_names_what_is_staged_is_everybodys(engine: Engine) {
    let (here, _) = Registry::several(engine, "").await;
    let there = here.twin_with("").await;
    let id = here.image(Persona::MEMBER, json!({})).await;
    stage(&here, here.app(), &id, DATA).await;
    assert_eq!(here.files(), [format!("data/staging/{id}")]);
    import(&here, here.app(), &id).await.expect(202);
    assert_eq!(work(&there).await, 1);
    assert_eq!(data(&here, &there, &id).await, DATA);
    assert_eq!(here.files(), [format!("stores/slow/{id}")]);
    for app in [here.app(), &there] {
        super::tend(app).await;
        assert_eq!(super::fail_stranded(app).await, 0);
    }
    assert_eq!(here.rows("SELECT id FROM staging_areas").await, [""; 0]);
}
