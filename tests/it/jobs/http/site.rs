//! A registry that runs jobs on a folder of images.

use std::{fs, path::PathBuf, process::Command};

use axum::http::Method;
use hallmark::worker::Turn;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    jobs::support::good,
    support::{Answer, Engine, Persona, Registry, until},
};

pub const ADMIN: Persona = Persona::ADMIN;

/// A registry, and a folder of images with an image `data` whose content is that word.
pub struct Site {
    pub registry: Registry,
    images: TempDir,
}

impl Site {
    pub async fn open(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// As [`Site::open`], with `more` settings, which begin in the section `jobs`.
    pub async fn with(engine: Engine, more: &str) -> Self {
        let images = TempDir::new().expect("a folder");
        fs::write(images.path().join("data"), "data").expect("an image");
        let roots = format!("[jobs]\nimage_roots = [\"{}\"]", images.path().display());
        let registry = Registry::with(engine, &format!("{roots}\n{more}")).await;
        Self { registry, images }
    }

    /// A path below the folder of images.
    pub fn image(&self, name: &str) -> PathBuf {
        self.images.path().join(name)
    }

    /// An image that takes minutes to read, and no room.
    pub fn vast(&self) {
        let file = fs::File::create(self.image("vast")).expect("a file");
        file.set_len(1 << 40).expect("a sparse file");
    }

    /// An image with a disk of 1 MiB, and its SHA-256.
    pub fn disk(&self, name: &str, format: &str) -> String {
        let path = self.image(name);
        let made = Command::new("qemu-img")
            .args(["create", "-q", "-f", format])
            .args([path.as_os_str(), "1M".as_ref()])
            .status();
        assert!(made.expect("qemu-img").success());
        let sum = Command::new("sha256sum").arg(path).output();
        let sum = String::from_utf8(sum.expect("sha256sum").stdout).expect("UTF-8");
        let digits = sum.split(' ').next().expect("a digest");
        format!("sha256:{digits}")
    }

    pub async fn submit(&self, document: &Value) -> Answer {
        self.registry.post(ADMIN, "/v1/jobs", document).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.registry.get(ADMIN, &format!("/v1/jobs{path}")).await
    }

    /// What is answered for the job.
    pub async fn shown(&self, id: &str) -> Value {
        self.get(&format!("/{id}")).await.expect(200).json()["data"].clone()
    }

    pub async fn status(&self, id: &str) -> String {
        let shown = self.shown(id).await;
        shown["status"].as_str().expect("a status").to_owned()
    }

    /// The document of the job's result.
    pub async fn result(&self, id: &str) -> Value {
        let path = format!("/{id}/result");
        self.get(&path).await.expect(200).json()["data"].clone()
    }

    pub async fn cancel(&self, id: &str) -> Answer {
        let path = format!("/v1/jobs/{id}/cancel");
        let call = self.registry.call(Method::POST, &path);
        call.by(ADMIN).send().await
    }

    /// Runs one job, if one waits.
    pub async fn run_one(&self) -> Turn {
        let stop = CancellationToken::new();
        self.registry
            .app()
            .worker()
            .job(&stop)
            .await
            .expect("a database")
    }

    /// Runs jobs until none waits.
    pub async fn run(&self) {
        while self.run_one().await == Turn::Worked {}
    }

    /// Submits a job, runs it, and gives its result.
    pub async fn done(&self, document: &Value) -> Value {
        self.submit(document).await.expect(201);
        self.run().await;
        self.result(document["job_id"].as_str().expect("an id"))
            .await
    }

    /// Begins to run a job, and waits until it is begun.
    pub async fn begin(&self, id: &str) -> (JoinHandle<()>, CancellationToken) {
        let (worker, stop) = (
            self.registry.app().worker().clone(),
            CancellationToken::new(),
        );
        let stopped = stop.clone();
        let running = tokio::spawn(async move {
            worker.job(&stopped).await.expect("a database");
        });
        until(&format!("{id} is begun"), async || {
            self.shown(id).await["attempts"] == 1
        })
        .await;
        (running, stop)
    }
}

/// The document with `execution`.
pub fn executed(mut document: Value, execution: Value) -> Value {
    document["execution"] = execution;
    document
}

/// A document that completes, with `execution`.
pub fn good_with(id: &str, execution: Value) -> Value {
    executed(good(id), execution)
}

/// What a refusal says.
#[track_caller]
pub fn refusal(answer: &Answer, status: u16, error: &str) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["error"], error, "{body:#}");
    assert!(body["message"].is_string(), "{body:#}");
    body
}

/// The ids of a list.
pub fn ids(page: &Value) -> Vec<String> {
    let jobs = page["jobs"].as_array().expect("a list").iter();
    jobs.map(|job| job["job_id"].as_str().expect("an id").to_owned())
        .collect()
}

/// A document that echoes.
pub fn echo(id: &str) -> Value {
    crate::jobs::support::document(id, "system.echo", &json!({"word": id}))
}
