//! Jobs of the real program, whose processes are killed and stopped.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use super::site::executed;
use crate::{
    jobs::support::inspect,
    support::{Engine, Ground, Process, on_every_engine, until},
};

on_every_engine![
    a_job_whose_process_is_killed_is_taken_up_as_often_as_it_allows,
    a_job_goes_on_elsewhere_when_its_process_stops,
    a_job_is_cancelled_by_another_process_than_the_one_that_runs_it,
];

/// A lease that a test can wait for. The folder of images is taken from that of the settings.
const SETTINGS: &str = r#"
[worker]
lease = 3
poll_interval = 1
[jobs]
image_roots = ["images"]
max_concurrent = 1
"#;

/// Ground with an image that takes minutes to read.
async fn ground(engine: Engine) -> Ground {
    let ground = Ground::new(engine, SETTINGS).await;
    let folder = ground.folder().join("images");
    fs::create_dir(&folder).expect("a folder");
    let file = fs::File::create(folder.join("vast")).expect("a file");
    file.set_len(1 << 40).expect("a sparse file");
    ground
}

async fn submit(process: &Process, id: &str, execution: Value) {
    let job = executed(inspect(id, &json!({"path": "vast"})), execution);
    let call = process.call(Method::POST, "/v1/jobs").body(job.to_string());
    assert_eq!(call.send().await.expect("an answer").status(), 201);
}

async fn shown(process: &Process, id: &str) -> Value {
    let call = process.call(Method::GET, &format!("/v1/jobs/{id}"));
    let answer = call.send().await.expect("an answer");
    let body: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    body["data"].clone()
}

async fn until_attempts(process: &Process, id: &str, attempts: u32) {
    until(&format!("attempt {attempts} is begun"), async || {
        let job = shown(process, id).await;
        job["attempts"] == attempts && job["status"] == "running"
    })
    .await;
}

async fn until_over(process: &Process, id: &str) -> Value {
    until(&format!("{id} is over"), async || {
        shown(process, id).await["completed_at"].is_string()
    })
    .await;
    shown(process, id).await
}

async fn a_job_whose_process_is_killed_is_taken_up_as_often_as_it_allows(engine: Engine) {
    let ground = ground(engine).await;
    let first = ground.start().await;
    submit(&first, "job-0001", json!({"max_attempts": 2})).await;
    until_attempts(&first, "job-0001", 1).await;
    first.kill();
    let second = ground.start().await;
    until_attempts(&second, "job-0001", 2).await;
    second.kill();
    let third = ground.start().await;
    let job = until_over(&third, "job-0001").await;
    assert_eq!(job["status"], "failed");
    let error = job["error"].as_str().expect("a text");
    assert!(error.starts_with("WORKER_LOST: "), "{error}");
}

async fn a_job_goes_on_elsewhere_when_its_process_stops(engine: Engine) {
    let ground = ground(engine).await;
    let first = ground.start().await;
    submit(&first, "job-0001", json!({"timeout_seconds": 4})).await;
    until_attempts(&first, "job-0001", 1).await;
    let second = ground.start().await;
    first.stop();
    until_attempts(&second, "job-0001", 1).await;
    let job = until_over(&second, "job-0001").await;
    let error = job["error"].as_str().expect("a text");
    assert!(error.starts_with("TIMEOUT: "), "its only attempt: {error}");
}

async fn a_job_is_cancelled_by_another_process_than_the_one_that_runs_it(engine: Engine) {
    let ground = ground(engine).await;
    let first = ground.start().await;
    submit(&first, "job-0001", json!({})).await;
    until_attempts(&first, "job-0001", 1).await;
    let second = ground.start().await;
    let call = second.call(Method::POST, "/v1/jobs/job-0001/cancel");
    assert_eq!(call.send().await.expect("an answer").status(), 200);
    assert_eq!(until_over(&second, "job-0001").await["status"], "cancelled");
    first.stop();
}
