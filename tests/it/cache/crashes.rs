//! What earlier processes have left, however they ended.

use std::{fs, path::Path};

use reqwest::Method;
use tempfile::TempDir;

use super::{Cached, DAMAGED, DATA, files_of};
use crate::support::{Engine, Ground, Process, on_every_engine, until};

on_every_engine![
    what_is_incomplete_goes_at_the_start,
    a_whole_file_is_read_once_after_a_start_and_then_trusted,
    a_file_that_was_damaged_between_two_processes_is_not_served,
    a_file_of_no_image_goes,
    a_folder_belongs_to_one_process,
    a_process_that_is_killed_leaves_nothing_that_is_served_wrongly,
    a_full_disk_fails_no_download,
    figures_tell_what_the_cache_does,
];

async fn what_is_incomplete_goes_at_the_start(engine: Engine) {
    let cached = Cached::open(engine).await;
    cached.cached_image(DATA).await;
    let left = cached.folder.path().join("incomplete/left");
    fs::write(&left, "some").expect("a file");
    let cached = cached.again("").await;
    assert!(!left.exists());
    cached.only_file();
}

async fn a_whole_file_is_read_once_after_a_start_and_then_trusted(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    cached.sweep().await;
    let cached = cached.again("").await;
    assert!(cached.has(&id).await);
    cached.close_stores();
    for _ in 0..2 {
        assert_eq!(cached.download(&id).await.expect(200).text(), DATA);
    }
    assert_eq!(cached.listed().await[0]["hits"], 2);
}

async fn a_file_that_was_damaged_between_two_processes_is_not_served(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    cached.sweep().await;
    let file = cached.only_file();
    fs::write(&file, DAMAGED).expect("a file");
    let cached = cached.again("").await;
    let part = cached.part(&id, "bytes=10-").await.expect(206);
    assert_eq!(part.text(), DATA[10..]);
    assert!(!file.exists());
    assert_eq!(cached.download(&id).await.expect(200).text(), DATA);
}

async fn a_file_of_no_image_goes(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    cached.sweep().await;
    let stray = cached.folder.path().join("objects/sha512-00ff");
    fs::write(&stray, "nobody's").expect("a file");
    let cached = cached.again("").await;
    cached.sweep().await;
    assert!(!stray.exists());
    assert!(cached.has(&id).await);
}

async fn a_folder_belongs_to_one_process(engine: Engine) {
    let folder = TempDir::new().expect("a folder");
    let settings = settings(folder.path(), "");
    let ground = Ground::new(engine, &settings).await;
    let _process = ground.start().await;
    let second = ground.output(&["serve"]);
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("image_cache_dir"), "{said}");
    assert!(said.contains("another process uses it"), "{said}");
    // What serves nothing does not want it.
    let beside = ground.output(&["digests", "backfill"]);
    assert!(beside.status.success(), "{beside:?}");
}

/// As much as takes a process a moment to write.
const LARGE: usize = 48 << 20;

fn settings(folder: &Path, more: &str) -> String {
    let folder = folder.display();
    format!("[DEFAULT]\nimage_cache_dir = \"{folder}\"\n[worker]\nlease = 3\n{more}")
}

async fn upload(process: &Process, size: usize) -> String {
    let id = process.image().await;
    let call = process.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call.header("content-type", "application/octet-stream");
    let sent = call.body(vec![7; size]).send().await.expect("an answer");
    assert_eq!(sent.status(), 204);
    id
}

async fn download(process: &Process, id: &str) -> reqwest::Response {
    let call = process.call(Method::GET, &format!("/v2/images/{id}/file"));
    let answer = call.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer
}

async fn a_process_that_is_killed_leaves_nothing_that_is_served_wrongly(engine: Engine) {
    let folder = TempDir::new().expect("a folder");
    let ground = Ground::new(engine, &settings(folder.path(), "")).await;
    let process = ground.start().await;
    let id = upload(&process, LARGE).await;
    let mut answer = download(&process, &id).await;
    answer.chunk().await.expect("bytes");
    process.kill();
    drop(answer);

    let process = ground.start().await;
    // What was whole may be there, and nothing else.
    for file in files_of(folder.path()) {
        assert!(
            file.starts_with(folder.path().join("objects")),
            "{}",
            file.display()
        );
        assert_eq!(fs::metadata(file).expect("a file").len(), LARGE as u64);
    }
    for _ in 0..2 {
        let all = download(&process, &id).await.bytes().await;
        let all = all.expect("all of it");
        assert_eq!(all.len(), LARGE);
        assert!(all.iter().all(|byte| *byte == 7));
    }
    until("it is cached", async || files_of(folder.path()).len() == 1).await;
}

async fn a_full_disk_fails_no_download(engine: Engine) {
    let folder = TempDir::new().expect("a folder");
    let small = folder.path().join("small");
    fs::create_dir(&small).expect("a folder");
    let ground = Ground::new(engine, &settings(&small, "")).await;
    // A file system of 4 MiB, in a mount namespace of the process's own.
    let mount = format!(
        "mount -t tmpfs -o size=4m tmpfs {} && exec \"$@\"",
        small.display()
    );
    let words = [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        &mount,
        "sh",
    ];
    let process = ground.start_by(&words).await;
    let id = upload(&process, 12 << 20).await;
    for _ in 0..2 {
        let all = download(&process, &id).await.bytes().await;
        assert_eq!(all.expect("all of it").len(), 12 << 20);
    }
    // What was written of it is gone, or else there would be no room for this.
    let fits = upload(&process, 3 << 20).await;
    let all = download(&process, &fits).await.bytes().await;
    assert_eq!(all.expect("all of it").len(), 3 << 20);
    until("it is cached", async || {
        let answer = process.call(Method::GET, "/v2/cache").send().await;
        let text = answer.expect("an answer").text().await;
        text.expect("a body").contains(&fits)
    })
    .await;
}

async fn figures_tell_what_the_cache_does(engine: Engine) {
    let folder = TempDir::new().expect("a folder");
    let ground = Ground::new(engine, &settings(folder.path(), "")).await;
    let process = ground.start().await;
    let id = upload(&process, 1000).await;
    let figures = async || {
        let answer = process.call(Method::GET, "/metrics").send().await;
        answer.expect("an answer").text().await.expect("a text")
    };
    for expected in ["filled", "hit"] {
        let all = download(&process, &id).await.bytes().await;
        assert_eq!(all.expect("all of it").len(), 1000);
        let line = format!("hallmark_cache_downloads_total{{result=\"{expected}\"}} 1");
        let figures = figures().await;
        assert!(figures.lines().any(|it| it == line), "{figures}");
        until("it is cached", async || files_of(folder.path()).len() == 1).await;
    }
    until("the sizes are told", async || {
        let figures = figures().await;
        let has = |line: &str| figures.lines().any(|it| it == line);
        has("hallmark_cache_fills_total{result=\"kept\"} 1")
            && has("hallmark_cache_fills_total{result=\"wrong\"} 0")
            && has("hallmark_cache_sent_bytes_total 2000")
            && has("hallmark_cache_files 1")
            && has("hallmark_cache_bytes 1000")
    })
    .await;
}
