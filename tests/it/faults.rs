//! What is left when processes are killed, disks are full and clients go away: the real program.

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use futures_util::stream;
use reqwest::Method;
use tokio::sync::mpsc;

use crate::support::{Engine, Ground, Origin, Process, on_every_engine, until};

/// A lease that a test can wait for, and the loopback to download from.
const SETTINGS: &str = r#"
[worker]
lease = 3
poll_interval = 1
[import_filtering_opts]
allowed_ports = []
[fetch]
allowed_networks = ["127.0.0.0/8"]
"#;

on_every_engine![
    an_upload_whose_process_is_killed_goes_back_to_queued,
    an_import_whose_process_is_killed_is_taken_over,
    an_import_goes_on_elsewhere_when_its_process_stops,
    a_full_disk_refuses_the_upload_and_keeps_nothing,
    a_client_that_goes_away_leaves_nothing,
];

/// A body that goes on for as long as the sender is kept.
fn slow_body() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let frames = stream::unfold(receiver, async |mut receiver| {
        let frame = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(frame), receiver))
    });
    (sender, Body::from_stream(frames))
}

/// Begins to upload to the image, and leaves it unfinished.
async fn begin_upload(process: &Process, id: &str) -> mpsc::Sender<Bytes> {
    let (sender, body) = slow_body();
    let call = process
        .call(Method::PUT, &format!("/v2/images/{id}/file"))
        .header("content-type", "application/octet-stream")
        .body(reqwest::Body::wrap_stream(body.into_data_stream()));
    tokio::spawn(call.send());
    let begun = Bytes::from_static(b"some bytes");
    sender.send(begun).await.expect("a client");
    process.until_status(id, "saving").await;
    sender
}

/// A web server whose answer to the first request never ends, and to the others is whole.
async fn first_time_slow() -> (Origin, mpsc::Sender<Bytes>) {
    let (sender, body) = slow_body();
    let first = std::sync::Mutex::new(Some(body));
    let first = std::sync::Arc::new(first);
    let image = move || {
        let body = first.lock().expect("a body").take();
        std::future::ready(body.unwrap_or_else(|| Body::from("whole")))
    };
    let origin = Origin::running(Router::new().route("/image", get(image))).await;
    (origin, sender)
}

async fn begin_import(process: &Process, origin: &Origin) -> String {
    let id = process.image().await;
    let uri = origin.url("image");
    let body = format!(r#"{{"method": {{"name": "web-download", "uri": "{uri}"}}}}"#);
    let call = process.call(Method::POST, &format!("/v2/images/{id}/import"));
    let answer = call.body(body).send().await.expect("an answer");
    assert_eq!(answer.status(), 202);
    // From here on it is durable that the image is imported.
    assert_eq!(process.shown(&id).await["status"], "importing");
    id
}

async fn an_upload_whose_process_is_killed_goes_back_to_queued(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let process = ground.start().await;
    let id = process.image().await;
    let upload = begin_upload(&process, &id).await;
    until("bytes lie aside", async || !ground.files().is_empty()).await;
    process.kill();
    drop(upload);
    assert!(!ground.files().is_empty(), "the kill came too late");

    let next = ground.start().await;
    next.until_status(&id, "queued").await;
    until("nothing is left", async || ground.files().is_empty()).await;
    let image = next.shown(&id).await;
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.contains("stopped"), "{reason}");

    let call = next.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call.header("content-type", "application/octet-stream");
    let answer = call.body("again").send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    assert_eq!(next.shown(&id).await["status"], "active");
}

async fn an_import_whose_process_is_killed_is_taken_over(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let (origin, _slow) = first_time_slow().await;
    let process = ground.start().await;
    let id = begin_import(&process, &origin).await;
    until("bytes lie aside", async || !ground.files().is_empty()).await;
    process.kill();

    let next = ground.start().await;
    next.until_status(&id, "active").await;
    assert_eq!(next.shown(&id).await["size"], "whole".len());
    let kept = [format!("images/{id}")];
    until("only the image is kept", async || ground.files() == kept).await;
}

async fn an_import_goes_on_elsewhere_when_its_process_stops(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let (origin, _slow) = first_time_slow().await;
    let process = ground.start().await;
    let id = begin_import(&process, &origin).await;
    until("bytes lie aside", async || !ground.files().is_empty()).await;
    process.stop();
    assert_eq!(ground.files(), Vec::<String>::new());

    let next = ground.start().await;
    next.until_status(&id, "active").await;
    assert_eq!(ground.files(), [format!("images/{id}")]);
}

async fn a_full_disk_refuses_the_upload_and_keeps_nothing(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let images = ground.folder().join("data/images");
    std::fs::create_dir_all(&images).expect("a folder");
    // A file system of 4 MiB, in a mount namespace of the process's own.
    let mount = format!(
        "mount -t tmpfs -o size=4m tmpfs {} && exec \"$@\"",
        images.display()
    );
    let process = ground
        .start_by(&[
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            &mount,
            "sh",
        ])
        .await;
    let id = process.image().await;
    let upload = async |size: usize| {
        let call = process.call(Method::PUT, &format!("/v2/images/{id}/file"));
        let call = call.header("content-type", "application/octet-stream");
        let answer = call.body(vec![7; size]).send().await.expect("an answer");
        answer.status()
    };
    assert_eq!(upload(8 << 20).await, 413);
    let image = process.shown(&id).await;
    assert_eq!(image["status"], "queued");
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with("STORE_FULL"), "{reason}");
    // Had anything been kept, there would be no room for this.
    assert_eq!(upload(3 << 20).await, 204);
    assert_eq!(process.shown(&id).await["status"], "active");
}

async fn a_client_that_goes_away_leaves_nothing(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let process = ground.start().await;
    let id = process.image().await;
    let call = process
        .call(Method::PUT, &format!("/v2/images/{id}/file"))
        .header("content-type", "application/octet-stream");
    let (sender, body) = slow_body();
    let body = reqwest::Body::wrap_stream(body.into_data_stream());
    let client = tokio::spawn(call.body(body).send());
    let begun = Bytes::from_static(b"some bytes");
    sender.send(begun).await.expect("a client");
    process.until_status(&id, "saving").await;
    client.abort();

    process.until_status(&id, "queued").await;
    until("nothing is left", async || ground.files().is_empty()).await;
}
