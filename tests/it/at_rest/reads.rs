//! A download of bytes that are not the image's is never completed.

use std::fs;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Engine, Ground, Process, on_every_engine, until};

const SETTINGS: &str = "
[verification]
verify_reads = true
[worker]
lease = 3
poll_interval = 1
";

/// As much as the store reads at a time, twice and a little more.
const SIZE: usize = (2 << 20) + 100;

on_every_engine![
    a_download_of_damaged_data_breaks_off_and_the_copy_is_looked_at,
    a_download_of_sound_data_is_whole,
];

async fn active_image(process: &Process) -> String {
    let id = process.image().await;
    let call = process.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call.header("content-type", "application/octet-stream");
    let answer = call.body(vec![7; SIZE]).send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    id
}

async fn download(process: &Process, id: &str, range: Option<&str>) -> reqwest::Response {
    let mut call = process.call(Method::GET, &format!("/v2/images/{id}/file"));
    if let Some(range) = range {
        call = call.header("range", range);
    }
    call.send().await.expect("an answer")
}

async fn copy(process: &Process, id: &str) -> Value {
    let call = process.call(Method::GET, &format!("/v2/images/{id}/digests"));
    let answer = call.send().await.expect("an answer");
    let text = answer.text().await.expect("a body");
    let known: Value = serde_json::from_str(&text).expect("JSON");
    known["copies"][0].clone()
}

async fn a_download_of_damaged_data_breaks_off_and_the_copy_is_looked_at(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let process = ground.start().await;
    let id = active_image(&process).await;
    let file = ground.folder().join("data/images").join(&id);
    let mut bytes = vec![7; SIZE];
    bytes[10] = 8;
    fs::write(file, bytes).expect("a file");

    let mut answer = download(&process, &id, None).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.content_length(), Some(SIZE as u64));
    let mut got = 0;
    let end = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => got += chunk.len(),
            end => break end,
        }
    };
    assert!(end.is_err(), "the client must not take it for whole");
    assert!(got < SIZE, "{got}");
    until("the copy is known to be damaged", async || {
        copy(&process, &id).await["state"] == "damaged"
    })
    .await;
    // A part cannot be held against anything.
    let part = download(&process, &id, Some("bytes=0-9")).await;
    assert_eq!(part.bytes().await.expect("a part").len(), 10);
}

async fn a_download_of_sound_data_is_whole(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let process = ground.start().await;
    let id = active_image(&process).await;
    for range in [None, Some("bytes=0-")] {
        let answer = download(&process, &id, range).await;
        assert_eq!(answer.bytes().await.expect("all").len(), SIZE);
    }
    assert_eq!(copy(&process, &id).await["pending"], false);
}
