//! A process that is told to stop lets uploads end within a set time, and cuts what takes longer.

use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use super::{rest, send};
use crate::support::{Engine, Ground, Process, on_every_engine, until};

on_every_engine![
    an_upload_that_was_begun_ends_well,
    an_upload_that_takes_too_long_is_cut_and_leaves_nothing,
    a_process_that_is_told_twice_ends_at_once,
];

/// Settings with these seconds to end.
fn seconds(grace: u32) -> String {
    format!("[DEFAULT]\ngraceful_shutdown_timeout = {grace}\n[worker]\nlease = 3")
}

/// Uploads the first half of eight bytes to a new image; gives its id too.
async fn begin_upload(ground: &Ground, process: &Process) -> (TcpStream, String) {
    let id = process.image().await;
    let head = format!(
        "PUT /v2/images/{id}/file HTTP/1.1\r\nHost: here\r\nContent-Length: 8\r\n\
         Content-Type: application/octet-stream\r\n\r\nhalf"
    );
    let stream = send(process, head.as_bytes()).await;
    process.until_status(&id, "saving").await;
    until("bytes lie aside", async || !ground.files().is_empty()).await;
    (stream, id)
}

async fn until_closed(process: &Process) {
    let is_closed = async || process.connect().await.is_err();
    until("no connection is taken", is_closed).await;
}

async fn an_upload_that_was_begun_ends_well(engine: Engine) {
    for grace in [30, 0] {
        let ground = Ground::new(engine, &seconds(grace)).await;
        let process = ground.start().await;
        let (mut upload, id) = begin_upload(&ground, &process).await;
        process.tell_to_stop();
        until_closed(&process).await;
        upload.write_all(b"done").await.expect("an ear");
        let answer = rest(upload).await;
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
        assert!(process.ended().await.success());

        let next = ground.start().await;
        let image = next.shown(&id).await;
        assert_eq!(
            (&image["status"], &image["size"]),
            (&"active".into(), &8.into())
        );
    }
}

async fn an_upload_that_takes_too_long_is_cut_and_leaves_nothing(engine: Engine) {
    let ground = Ground::new(engine, &seconds(1)).await;
    let process = ground.start().await;
    let (upload, id) = begin_upload(&ground, &process).await;
    process.tell_to_stop();
    assert!(process.ended().await.success());
    assert_eq!(ground.files(), [""; 0]);
    drop(upload);

    let next = ground.start().await;
    assert_eq!(next.shown(&id).await["status"], "queued");
}

async fn a_process_that_is_told_twice_ends_at_once(engine: Engine) {
    let ground = Ground::new(engine, &seconds(0)).await;
    let process = ground.start().await;
    let (upload, id) = begin_upload(&ground, &process).await;
    process.tell_to_stop();
    until_closed(&process).await;
    process.tell_to_stop();
    assert_eq!(process.ended().await.code(), Some(1));
    drop(upload);

    let next = ground.start().await;
    next.until_status(&id, "queued").await;
    until("nothing is left", async || ground.files().is_empty()).await;
}
