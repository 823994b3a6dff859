//! A process is killed while it makes a copy anew: another one goes on.

use std::{fs, path::PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Engine, Ground, Process, on_every_engine, until};

/// As many bytes as are copied, or read, in some seconds.
const SIZE: usize = 4 << 20;

on_every_engine![
    a_process_that_is_killed_while_it_copies_leaves_the_old_copy,
    a_process_that_is_killed_while_it_reads_back_leaves_the_new_copy,
];

/// An image in two stores of a program that can be killed, one copy of which is cut short.
struct Scene {
    ground: Ground,
    folder: TempDir,
    id: String,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let folder = TempDir::new().expect("a folder");
        let settings = format!(
            r#"
[DEFAULT]
enabled_backends = {{ fast = "file", slow = "file" }}
[glance_store]
default_backend = "fast"
[fast]
filesystem_store_datadir = "{0}/fast"
weight = 2
[slow]
filesystem_store_datadir = "{0}/slow"
[os_glance_staging_store]
filesystem_store_datadir = "{0}/staging"
[verification]
scrub_rate = 1
on_damage = "heal"
[worker]
lease = 3
poll_interval = 1
"#,
            folder.path().display()
        );
        let ground = Ground::new(engine, &settings).await;
        let process = ground.start().await;
        let id = process.image().await;
        let call = process.call(Method::PUT, &format!("/v2/images/{id}/stage"));
        let call = call.header("content-type", "application/octet-stream");
        let staged = call.body(vec![7; SIZE]).send().await.expect("an answer");
        assert_eq!(staged.status(), 204);
        let body = json!({"method": {"name": "glance-direct"}, "all_stores": true});
        let call = process.call(Method::POST, &format!("/v2/images/{id}/import"));
        let asked = call.body(body.to_string()).send().await;
        assert_eq!(asked.expect("an answer").status(), 202);
        process.until_status(&id, "active").await;
        process.kill();
        let scene = Self { ground, folder, id };
        fs::write(scene.file("fast"), "cut short").expect("a file");
        scene
            .ground
            .execute("UPDATE image_copies SET checked_at = 1 WHERE store = 'fast'")
            .await;
        scene
    }

    fn file(&self, store: &str) -> PathBuf {
        self.folder.path().join(store).join(&self.id)
    }

    /// What lies aside in the store that is healed.
    fn asides(&self) -> usize {
        let incoming = self.folder.path().join("fast/.incoming");
        fs::read_dir(incoming).expect("a folder").count()
    }

    async fn copy(&self, process: &Process) -> Value {
        let call = process.call(Method::GET, &format!("/v2/images/{}/digests", self.id));
        let answer = call.send().await.expect("an answer");
        let text = answer.text().await.expect("a body");
        let known: Value = serde_json::from_str(&text).expect("JSON");
        let mut copies = known["copies"].as_array().expect("copies").iter();
        let copy = copies.find(|copy| copy["store"] == "fast");
        copy.expect("a copy").clone()
    }

    async fn download(&self, process: &Process) -> Vec<u8> {
        let call = process.call(Method::GET, &format!("/v2/images/{}/file", self.id));
        let answer = call.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.bytes().await.expect("bytes").to_vec()
    }

    async fn assert_healed(&self, process: &Process) {
        until("the copy is sound", async || {
            let copy = self.copy(process).await;
            copy["state"] == "ok" && copy["pending"] == false
        })
        .await;
        assert!(fs::read(self.file("fast")).expect("a file") == vec![7; SIZE]);
        until("nothing lies aside", async || self.asides() == 0).await;
        assert_eq!(process.shown(&self.id).await["status"], "active");
        let stores = ["fast", "slow"].map(|store| fs::metadata(self.file(store)).expect("a file"));
        assert!(stores.iter().all(|file| file.len() == SIZE as u64));
    }
}

async fn a_process_that_is_killed_while_it_copies_leaves_the_old_copy(engine: Engine) {
    let scene = Scene::new(engine).await;
    let process = scene.ground.start().await;
    until("a new copy is being made", async || scene.asides() == 1).await;
    assert_eq!(scene.copy(&process).await["state"], "damaged");
    // Nobody reads the damaged copy meanwhile.
    assert!(scene.download(&process).await == vec![7; SIZE]);
    process.kill();
    assert_eq!(fs::read(scene.file("fast")).expect("a file"), b"cut short");
    assert_eq!(scene.asides(), 1);

    let next = scene.ground.start().await;
    let left = scene.copy(&next).await;
    assert_eq!(
        (&left["state"], &left["pending"]),
        (&json!("damaged"), &json!(true))
    );
    assert!(scene.download(&next).await == vec![7; SIZE]);
    scene.assert_healed(&next).await;
}

async fn a_process_that_is_killed_while_it_reads_back_leaves_the_new_copy(engine: Engine) {
    let scene = Scene::new(engine).await;
    let process = scene.ground.start().await;
    until("the new copy is in its place", async || {
        fs::metadata(scene.file("fast")).expect("a file").len() == SIZE as u64
    })
    .await;
    process.kill();
    let next = scene.ground.start().await;
    let left = scene.copy(&next).await;
    assert_eq!(
        (&left["state"], &left["pending"]),
        (&json!("damaged"), &json!(true)),
        "the kill came too late"
    );
    scene.assert_healed(&next).await;
}
