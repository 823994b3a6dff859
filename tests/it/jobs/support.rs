//! A spool of a test's own, and the real program that works on it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::until;

/// SHA-256 of `data`.
pub const DATA: &str = "sha256:3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7";

/// Folders of a spool, with an image `data` whose content is that word.
pub struct Ground(TempDir);

impl Ground {
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        for name in ["jobs", "images"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        fs::write(folder.path().join("images/data"), "data").expect("an image");
        Self(folder)
    }

    /// A path below the folder of all.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// An image that takes minutes to read, and no room.
    pub fn vast(&self) {
        let file = fs::File::create(self.path("images/vast")).expect("a file");
        file.set_len(1 << 40).expect("a sparse file");
    }

    /// Puts a document into the spool, whole.
    pub fn put(&self, name: &str, document: &Value) {
        let aside = self.path("aside");
        fs::write(&aside, document.to_string()).expect("a file");
        fs::rename(&aside, self.path("jobs").join(name)).expect("a rename");
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hallmark"));
        command
            .arg("worker")
            .arg("--jobs-dir")
            .arg(self.path("jobs"))
            .arg("--results-dir")
            .arg(self.path("results"))
            .arg("--image-root")
            .arg(self.path("images"))
            .args(more)
            .env("HALLMARK_DATA_DIR", self.path("data"))
            .stdin(Stdio::null());
        command
    }

    /// Lets a worker do what waits; gives what it logged.
    #[track_caller]
    pub fn work(&self, more: &[&str]) -> String {
        let words = [&["--once"], more].concat();
        let output = self.command(&words).output().expect("a process");
        let log = log_of(&output);
        assert!(output.status.success(), "{log}");
        log
    }

    /// Starts a worker that goes on.
    pub fn start(&self, more: &[&str]) -> Process {
        Process(self.command(more).spawn().expect("a process"))
    }

    /// A worker's output, whatever it is.
    pub fn output(&self, more: &[&str]) -> Output {
        self.command(more).output().expect("a process")
    }

    /// The result of a job, if it has one.
    pub fn find_result(&self, id: &str) -> Option<Value> {
        let path = self.path(&format!("results/{id}-result.json"));
        let text = fs::read_to_string(path).ok()?;
        Some(serde_json::from_str(&text).expect("a whole document"))
    }

    /// The result of a job.
    #[track_caller]
    pub fn result(&self, id: &str) -> Value {
        self.find_result(id)
            .unwrap_or_else(|| panic!("{id} has no result"))
    }

    /// The result of a job, once it is there.
    pub async fn result_in_time(&self, id: &str) -> Value {
        until(&format!("{id} ends"), async || {
            self.find_result(id).is_some()
        })
        .await;
        self.result(id)
    }

    /// The files of a folder of the spool.
    pub fn files(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }

    /// Every file of the results.
    pub fn results(&self) -> Vec<String> {
        let names = self.files("results").into_iter();
        names.filter(|name| name != ".keys").collect()
    }
}

/// The names in a folder, in their order.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let name = entry.expect("an entry").file_name();
        name.to_string_lossy().into_owned()
    };
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

fn log_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running worker. It is killed when it is dropped.
pub struct Process(Child);

impl Process {
    /// Kills it at once, as a power cut would.
    pub fn kill(mut self) {
        self.0.kill().expect("a process to kill");
        self.0.wait().expect("its end");
    }

    /// Tells it to stop, and waits until it has.
    pub fn stop(mut self) {
        let told = Command::new("kill").arg(self.0.id().to_string()).status();
        assert!(told.expect("kill").success());
        assert!(self.0.wait().expect("its end").success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A document of `operation`.
pub fn document(id: &str, operation: &str, data: &Value) -> Value {
    json!({
        "version": "1.0",
        "job_id": id,
        "created_at": "2026-01-30T10:00:00Z",
        "kind": "VMOperation",
        "operation": operation,
        "payload": {"type": format!("{operation}.v1"), "data": data},
    })
}

/// A document that wants an image inspected, as the guestkit worker takes it.
pub fn inspect(id: &str, image: &Value) -> Value {
    document(id, "guestkit.inspect", &json!({"image": image}))
}

/// A document that completes.
pub fn good(id: &str) -> Value {
    inspect(id, &json!({"path": "data", "checksum": DATA}))
}
