//! What is left behind, and who clears it away; and that work is done once.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Path, State},
    http::Method,
    routing::get,
};
use futures_util::future::join_all;
use hallmark::{app::App, service::Swept, worker::Turn};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{Engine, Origin, Persona, Registry, on_every_engine};

on_every_engine![
    a_clean_registry_is_left_alone,
    copies_that_a_deletion_left_are_removed_later,
    bytes_that_no_image_waits_for_are_removed,
    bytes_that_an_image_waits_for_stay,
    a_record_of_a_task_goes_when_its_time_is_over,
    a_record_of_a_task_goes_with_its_image_when_its_time_is_over,
    two_processes_do_not_run_an_import_twice,
    what_one_process_accepted_another_runs,
];

async fn sweep(registry: &Registry) -> Swept {
    registry.app().maintenance().sweep().await.expect("a sweep")
}

/// Puts a file below the registry's folder.
fn leave(registry: &Registry, path: &str) {
    fs::write(registry.folder().join(path), "left behind").expect("a file");
}

async fn stage(registry: &Registry, id: &str) {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER)
        .data("staged")
        .send()
        .await
        .expect(204);
}

async fn delete(registry: &Registry, id: &str) {
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
}

async fn import(registry: &Registry, id: &str, uri: &str) {
    let path = format!("/v2/images/{id}/import");
    let body = json!({"method": {"name": "web-download", "uri": uri}});
    registry
        .post(Persona::MEMBER, &path, &body)
        .await
        .expect(202);
}

async fn tasks(registry: &Registry, id: &str) -> Vec<Value> {
    let path = format!("/v2/images/{id}/tasks");
    let mut answer = registry
        .get(Persona::MEMBER, &path)
        .await
        .expect(200)
        .json();
    match answer["tasks"].take() {
        Value::Array(tasks) => tasks,
        other => panic!("no list of tasks: {other}"),
    }
}

/// Runs tasks until none waits.
async fn work(app: &App) {
    let stop = CancellationToken::new();
    while app.worker().turn(&stop).await.expect("a database") == Turn::Worked {}
}

async fn a_clean_registry_is_left_alone(engine: Engine) {
    let registry = Registry::open(engine).await;
    let active = registry
        .active_image(Persona::MEMBER, json!({}), "data")
        .await;
    let staged = registry.image(Persona::MEMBER, json!({})).await;
    stage(&registry, &staged).await;
    let files = registry.files();
    assert_eq!(files.len(), 2);
    assert_eq!(sweep(&registry).await, Swept::default());
    assert_eq!(registry.files(), files);
    assert_eq!(registry.shown(&active).await["status"], "active");
    assert_eq!(registry.shown(&staged).await["status"], "uploading");
}

async fn copies_that_a_deletion_left_are_removed_later(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), "data")
        .await;
    let file = registry.folder().join(format!("data/images/{id}"));
    // A folder in the place of the file cannot be removed as a file.
    fs::remove_file(&file).expect("the file");
    fs::create_dir(&file).expect("a folder");
    delete(&registry, &id).await;
    registry
        .get(Persona::ADMIN, &format!("/v2/images/{id}"))
        .await
        .expect(404);
    assert_eq!(sweep(&registry).await, Swept::default());

    fs::remove_dir(&file).expect("the folder");
    fs::write(&file, "data").expect("a file");
    let swept = Swept {
        copies: 1,
        ..Swept::default()
    };
    assert_eq!(sweep(&registry).await, swept);
    assert_eq!(registry.files(), [""; 0]);
    assert_eq!(sweep(&registry).await, Swept::default());
}

async fn bytes_that_no_image_waits_for_are_removed(engine: Engine) {
    let registry = Registry::open(engine).await;
    let active = registry
        .active_image(Persona::MEMBER, json!({}), "data")
        .await;
    let queued = registry.image(Persona::MEMBER, json!({})).await;
    let deleted = registry.image(Persona::MEMBER, json!({})).await;
    delete(&registry, &deleted).await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    let mut left = 0;
    for id in [&active, &queued, &deleted, unknown] {
        leave(&registry, &format!("data/images/.incoming/{id}.x"));
        leave(&registry, &format!("data/staging/.incoming/{id}.x"));
        leave(&registry, &format!("data/staging/{id}"));
        left += 3;
    }
    let swept = Swept {
        leftovers: left,
        ..Swept::default()
    };
    assert_eq!(sweep(&registry).await, swept);
    assert_eq!(registry.files(), [format!("data/images/{active}")]);
    assert_eq!(sweep(&registry).await, Swept::default());
}

async fn bytes_that_an_image_waits_for_stay(engine: Engine) {
    let registry = Registry::open(engine).await;
    let uploading = registry.image(Persona::MEMBER, json!({})).await;
    stage(&registry, &uploading).await;
    let importing = registry.image(Persona::MEMBER, json!({})).await;
    import(&registry, &importing, "http://127.0.0.1:1/x").await;
    leave(&registry, &format!("data/images/.incoming/{importing}.x"));
    let files = registry.files();
    assert_eq!(files.len(), 2);
    assert_eq!(sweep(&registry).await, Swept::default());
    assert_eq!(registry.files(), files);
}

async fn a_record_of_a_task_goes_when_its_time_is_over(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving("data").await;
    let over = registry.image(Persona::MEMBER, json!({})).await;
    import(&registry, &over, &origin.url("x")).await;
    registry.work().await;
    let waiting = registry.image(Persona::MEMBER, json!({})).await;
    import(&registry, &waiting, &origin.url("x")).await;
    assert_eq!(sweep(&registry).await.tasks, 0);
    assert_eq!(tasks(&registry, &over).await.len(), 1);

    let statement = "UPDATE tasks SET expires_at = 1 WHERE status = 'success'";
    registry.execute(statement).await;
    assert_eq!(sweep(&registry).await.tasks, 1);
    assert_eq!(tasks(&registry, &over).await, [Value::Null; 0]);
    assert_eq!(tasks(&registry, &waiting).await.len(), 1);
    assert_eq!(registry.shown(&over).await["status"], "active");
}

async fn a_record_of_a_task_goes_with_its_image_when_its_time_is_over(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving("data").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    import(&registry, &id, &origin.url("x")).await;
    registry.work().await;
    delete(&registry, &id).await;
    registry.execute("UPDATE tasks SET expires_at = 1").await;
    assert_eq!(sweep(&registry).await.tasks, 1);
    assert_eq!(sweep(&registry).await, Swept::default());
}

/// How often each name was asked for.
type Counts = Arc<Mutex<BTreeMap<String, u32>>>;

/// A server that counts.
async fn counting() -> (Origin, Counts) {
    let counts = Counts::default();
    let count = async |State(counts): State<Counts>, Path(name): Path<String>| {
        *counts.lock().expect("counts").entry(name).or_default() += 1;
        "data"
    };
    let router = Router::new().route("/{name}", get(count));
    let origin = Origin::running(router.with_state(Arc::clone(&counts))).await;
    (origin, counts)
}

async fn two_processes_do_not_run_an_import_twice(engine: Engine) {
    let registry = Registry::open(engine).await;
    let twin = registry.twin().await;
    let (origin, counts) = counting().await;
    let mut ids = Vec::new();
    for name in 0..8 {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        import(&registry, &id, &origin.url(&name.to_string())).await;
        ids.push(id);
    }
    join_all([&twin, registry.app(), &twin, registry.app()].map(work)).await;
    let counts = counts.lock().expect("counts").clone();
    let once = (0..8).map(|name| (name.to_string(), 1)).collect();
    assert_eq!(counts, once);
    for id in ids {
        assert_eq!(registry.shown(&id).await["status"], "active");
        let tasks = tasks(&registry, &id).await;
        assert_eq!((tasks.len(), &tasks[0]["status"]), (1, &json!("success")));
    }
}

async fn what_one_process_accepted_another_runs(engine: Engine) {
    let registry = Registry::open(engine).await;
    let twin = registry.twin().await;
    let (origin, counts) = counting().await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    import(&registry, &id, &origin.url("x")).await;
    work(&twin).await;
    registry.work().await;
    assert_eq!(counts.lock().expect("counts").get("x"), Some(&1));
    let file = format!("/v2/images/{id}/file");
    let data = registry.get(Persona::MEMBER, &file).await.expect(200);
    assert_eq!(data.text(), "data");
}
