//! What is left when processes are killed, images deleted and programs hang while plugins work: the
//! real program.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::json;

use super::{disk, formatted, gzip};
use crate::support::{Engine, Ground, Origin, Process, on_every_engine, until};

on_every_engine![
    a_download_to_unpack_whose_process_is_killed_is_taken_over,
    an_import_whose_process_is_killed_while_it_unpacks_is_taken_over,
    a_conversion_ends_with_its_process_and_is_taken_over,
    a_conversion_ends_when_its_image_is_deleted,
    a_conversion_that_takes_too_long_is_ended,
    without_qemu_img_nothing_starts_that_needs_it,
];

const SETTINGS: &str = r#"
[worker]
lease = 3
poll_interval = 1
[import_filtering_opts]
allowed_ports = []
[fetch]
allowed_networks = ["127.0.0.0/8"]
[image_import_opts]
image_import_plugins = ["image_decompression", "image_conversion"]
[image_decompression]
max_ratio = 0
"#;

/// A `qemu-img` that never comes to an end, once it has written something.
struct Hanging(PathBuf);

impl Hanging {
    fn beside(ground: &Ground) -> Self {
        let folder = ground.folder().join("bin");
        fs::create_dir(&folder).expect("a folder");
        let program = folder.join("qemu-img");
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\nfor target; do :; done\n\
             echo begun > \"$target\"\necho $$ > {}/pid\nexec sleep 1000\n",
            folder.display()
        );
        fs::write(&program, script).expect("a program");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
        Self(folder)
    }

    /// The search path by which it is found.
    fn path(&self) -> String {
        let rest = std::env::var("PATH").expect("a search path");
        format!("PATH={}:{rest}", self.0.display())
    }

    /// The process that hangs, once it does.
    async fn process(&self) -> String {
        let file = self.0.join("pid");
        let read = || fs::read_to_string(&file).unwrap_or_default();
        until("it hangs", async || read().ends_with('\n')).await;
        read().trim().to_owned()
    }

    async fn until_ended(process: &str) {
        let commands = Path::new("/proc").join(process).join("cmdline");
        // One whose end nobody has noticed has no command any more.
        let is_over = async || fs::read(&commands).unwrap_or_default().is_empty();
        until("it ended", is_over).await;
    }
}

async fn image(process: &Process, disk_format: &str) -> String {
    let body = json!({"disk_format": disk_format, "container_format": "bare"});
    let call = process.call(Method::POST, "/v2/images");
    let answer = call.body(body.to_string()).send().await.expect("an answer");
    let text = answer.text().await.expect("a body");
    let image: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    image["id"].as_str().expect("an id").to_owned()
}

async fn import(process: &Process, id: &str, method: serde_json::Value) {
    let call = process.call(Method::POST, &format!("/v2/images/{id}/import"));
    let body = [("method".to_owned(), method)];
    let body = serde_json::Value::Object(body.into_iter().collect()).to_string();
    let answer = call.body(body).send().await.expect("an answer");
    assert_eq!(answer.status(), 202);
}

/// Stages `data` for a new image and has them imported; gives its id.
async fn staged(process: &Process, disk_format: &str, data: Vec<u8>) -> String {
    let id = image(process, disk_format).await;
    let call = process
        .call(Method::PUT, &format!("/v2/images/{id}/stage"))
        .header("content-type", "application/octet-stream");
    let answer = call.body(data).send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    import(process, &id, json!({"name": "glance-direct"})).await;
    id
}

async fn assert_only_this_is_left(ground: &Ground, id: &str, size: usize) {
    let expected = [format!("images/{id}")];
    until("nothing else is left", async || ground.files() == expected).await;
    let stored = fs::metadata(ground.folder().join("data/images").join(id));
    assert_eq!(stored.expect("a file").len(), size as u64);
}

/// A web server that gives a part of `data` to the first who asks, and all of it to others.
async fn first_time_stuck(data: Vec<u8>) -> Origin {
    let first = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let answer = move || {
        let is_first = first.swap(false, std::sync::atomic::Ordering::SeqCst);
        let data = data.clone();
        async move {
            if !is_first {
                return Body::from(data);
            }
            let part = Bytes::copy_from_slice(&data[..data.len() / 2]);
            let part = stream::iter([Ok::<_, std::io::Error>(part)]);
            Body::from_stream(part.chain(stream::pending()))
        }
    };
    Origin::running(Router::new().route("/image", get(answer))).await
}

async fn a_download_to_unpack_whose_process_is_killed_is_taken_over(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let origin = first_time_stuck(gzip(&disk())).await;
    let process = ground.start().await;
    let id = image(&process, "raw").await;
    let method = json!({"name": "web-download", "uri": origin.url("image")});
    import(&process, &id, method).await;
    let is_staged = |name: &String| name.starts_with("staging/.incoming/");
    until("bytes are staged", async || {
        ground.files().iter().any(is_staged)
    })
    .await;
    process.kill();
    assert!(!ground.files().is_empty(), "the kill came too late");
    let next = ground.start().await;
    next.until_status(&id, "active").await;
    assert_only_this_is_left(&ground, &id, disk().len()).await;
}

async fn an_import_whose_process_is_killed_while_it_unpacks_is_taken_over(engine: Engine) {
    let size = 400 << 20;
    let ground = Ground::new(engine, SETTINGS).await;
    let process = ground.start().await;
    let id = staged(&process, "raw", gzip(&vec![0; size])).await;
    let is_taken_in = |name: &String| name.starts_with("images/.incoming/");
    until("bytes are unpacked", async || {
        ground.files().iter().any(is_taken_in)
    })
    .await;
    process.kill();
    let left = ground.files();
    assert!(left.iter().any(is_taken_in), "the kill came too late");
    let next = ground.start().await;
    next.until_status(&id, "active").await;
    assert_only_this_is_left(&ground, &id, size).await;
}

async fn a_conversion_ends_with_its_process_and_is_taken_over(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let hanging = Hanging::beside(&ground);
    let process = ground.start_by(&["env", &hanging.path()]).await;
    let qcow2 = formatted(&disk(), &["-O", "qcow2"]);
    let id = staged(&process, "qcow2", qcow2).await;
    let program = hanging.process().await;
    assert_eq!(ground.files().len(), 2, "{:?}", ground.files());
    process.kill();
    Hanging::until_ended(&program).await;
    let next = ground.start().await;
    next.until_status(&id, "active").await;
    assert_eq!(next.shown(&id).await["disk_format"], "raw");
    assert_only_this_is_left(&ground, &id, disk().len()).await;
}

async fn a_conversion_ends_when_its_image_is_deleted(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    let hanging = Hanging::beside(&ground);
    let process = ground.start_by(&["env", &hanging.path()]).await;
    let qcow2 = formatted(&disk(), &["-O", "qcow2"]);
    let id = staged(&process, "qcow2", qcow2).await;
    let program = hanging.process().await;
    let call = process.call(Method::DELETE, &format!("/v2/images/{id}"));
    assert_eq!(call.send().await.expect("an answer").status(), 204);
    Hanging::until_ended(&program).await;
    until("nothing is left", async || ground.files().is_empty()).await;
}

async fn a_conversion_that_takes_too_long_is_ended(engine: Engine) {
    let settings = format!("{SETTINGS}\n[image_conversion]\nmax_time = 1");
    let ground = Ground::new(engine, &settings).await;
    let hanging = Hanging::beside(&ground);
    let process = ground.start_by(&["env", &hanging.path()]).await;
    let qcow2 = formatted(&disk(), &["-O", "qcow2"]);
    let id = staged(&process, "qcow2", qcow2).await;
    let program = hanging.process().await;
    process.until_status(&id, "queued").await;
    Hanging::until_ended(&program).await;
    let reason = process.shown(&id).await["os_glance_failure"].to_string();
    assert!(reason.contains("CONVERSION_FAILED"), "{reason}");
    assert!(reason.contains("longer than 1 seconds"), "{reason}");
    until("nothing is left", async || ground.files().is_empty()).await;
}

async fn without_qemu_img_nothing_starts_that_needs_it(engine: Engine) {
    let ground = Ground::new(engine, SETTINGS).await;
    assert!(ground.output(&["db", "sync"]).status.success());
    let empty = ground.folder().join("nothing");
    fs::create_dir(&empty).expect("a folder");
    let output = ground.output_with(&["serve"], &[("PATH", &empty.display().to_string())]);
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("image_conversion"), "{told}");
    assert!(told.contains("qemu-img"), "{told}");
}
