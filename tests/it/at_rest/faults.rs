//! A process is killed while it reads a copy: another one reads it anew.

use reqwest::Method;
use serde_json::Value;

use crate::support::{Engine, Ground, Process, on_every_engine, until};

/// Reading the image takes some seconds.
const SETTINGS: &str = "
[verification]
scrub_rate = 1
[worker]
lease = 3
poll_interval = 1
";
const SIZE: usize = 5 << 20;

on_every_engine![a_scrub_whose_process_is_killed_is_done_by_another];

async fn copy(process: &Process, id: &str) -> Value {
    let call = process.call(Method::GET, &format!("/v2/images/{id}/digests"));
    let answer = call.send().await.expect("an answer");
    let text = answer.text().await.expect("a body");
    let known: Value = serde_json::from_str(&text).expect("JSON");
    known["copies"][0].clone()
}

async fn a_scrub_whose_process_is_killed_is_done_by_another(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let process = ground.start().await;
    let id = process.image().await;
    let call = process.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call.header("content-type", "application/octet-stream");
    let answer = call.body(vec![7; SIZE]).send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    process.kill();
    ground
        .execute("UPDATE image_copies SET verified_at = 1, checked_at = 1")
        .await;

    // A process scrubs as soon as it starts.
    let process = ground.start().await;
    until("the copy is being read", async || {
        copy(&process, &id).await["pending"] == true
    })
    .await;
    process.kill();

    let next = ground.start().await;
    let left = copy(&next, &id).await;
    assert_eq!(left["pending"], true, "the kill came too late");
    assert_eq!(left["checked_at"], "1970-01-01T00:00:00Z");
    until("the copy was read", async || {
        copy(&next, &id).await["pending"] == false
    })
    .await;
    let copy = copy(&next, &id).await;
    assert_eq!(copy["state"], "ok");
    assert_ne!(copy["verified_at"], "1970-01-01T00:00:00Z");
}
