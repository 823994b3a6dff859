//! Nodes as real processes, one of which is killed.

use reqwest::Method;

use super::{DATA, names, node};
use crate::support::{Engine, Ground, Process, on_every_engine, until};

on_every_engine![
    nodes_import_what_one_of_them_staged,
    an_import_waits_for_the_node_that_was_killed,
    an_import_of_a_node_that_does_not_come_back_fails,
];

/// A lease that a test can wait for.
const WORKER: &str = "[worker]\nlease = 3\npoll_interval = 1";

/// Starts the node that is called `name`, which stages in a folder of its own.
async fn start(ground: &mut Ground, name: &str) -> Process {
    let folder = ground.folder().join(name);
    let node = node(name, &folder);
    ground.set_up(&format!("[DEFAULT]\n{node}\n{WORKER}"));
    ground.start().await
}

async fn staged(process: &Process) -> String {
    let id = process.image().await;
    let call = process.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    let call = call.header("content-type", "application/octet-stream");
    let answer = call.body(DATA).send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    id
}

async fn import(process: &Process, id: &str) {
    let call = process.call(Method::POST, &format!("/v2/images/{id}/import"));
    let body = r#"{"method": {"name": "glance-direct"}}"#;
    let answer = call.body(body).send().await.expect("an answer");
    assert_eq!(answer.status(), 202);
}

async fn until_clean(ground: &Ground, name: &str) {
    until("nothing is staged", async || {
        names(ground.folder().join(name)).is_empty()
    })
    .await;
}

async fn nodes_import_what_one_of_them_staged(engine: Engine) {
    let mut ground = Ground::new(engine, "").await;
    let here = start(&mut ground, "here").await;
    let there = start(&mut ground, "there").await;
    let (imported, deleted) = (staged(&here).await, staged(&here).await);
    import(&there, &imported).await;
    there.until_status(&imported, "active").await;
    let call = there.call(Method::DELETE, &format!("/v2/images/{deleted}"));
    assert_eq!(call.send().await.expect("an answer").status(), 204);
    until_clean(&ground, "here").await;
}

async fn an_import_waits_for_the_node_that_was_killed(engine: Engine) {
    let mut ground = Ground::new(engine, "").await;
    let here = start(&mut ground, "here").await;
    let there = start(&mut ground, "there").await;
    let id = staged(&here).await;
    here.kill();
    import(&there, &id).await;
    // The other one passes it by, and goes on with what came later.
    let later = staged(&there).await;
    import(&there, &later).await;
    there.until_status(&later, "active").await;
    assert_eq!(there.shown(&id).await["status"], "importing");
    let metrics = there.call(Method::GET, "/metrics").send().await;
    let metrics = metrics.expect("an answer").text().await.expect("a text");
    let waiting = "hallmark_tasks{type=\"api_image_import\",status=\"pending\"} 1\n";
    assert!(metrics.contains(waiting), "{metrics}");

    let _here = start(&mut ground, "here").await;
    there.until_status(&id, "active").await;
    until_clean(&ground, "here").await;
    until_clean(&ground, "there").await;
}

async fn an_import_of_a_node_that_does_not_come_back_fails(engine: Engine) {
    let mut ground = Ground::new(engine, "").await;
    let here = start(&mut ground, "here").await;
    let there = start(&mut ground, "there").await;
    let id = staged(&here).await;
    here.kill();
    import(&there, &id).await;
    let statement = "UPDATE staging_areas SET seen_at = 1 WHERE node = 'http://here:9292'";
    ground.execute(statement).await;
    there.until_status(&id, "queued").await;
    let image = there.shown(&id).await;
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.contains("is gone"), "{reason}");
}
