//! The image cache of a node: what fills it, what is answered from it, and what never is.

mod access;
mod calls;
mod crashes;
mod downloads;
mod faults;
mod nodes;
mod older_calls;
mod prefetch;
mod pruning;

use std::{
    fs,
    path::{Path, PathBuf},
};

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, Engine, FaultyStores, Persona, Registry, until};

/// What images of these tests are made of.
const DATA: &str = "bytes from far away";
/// As many other bytes.
const DAMAGED: &str = "bytes from far awaY";

/// A registry with a cache, whose images lie in stores that can be told to fail.
struct Cached {
    registry: Registry,
    stores: FaultyStores,
    folder: TempDir,
}

impl Cached {
    async fn open(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// With `more`, which goes on in the section `DEFAULT`.
    async fn with(engine: Engine, more: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let toml = format!("{}\n{more}", settings(folder.path()));
        let (registry, stores) = Registry::several(engine, &toml).await;
        Self {
            registry,
            stores,
            folder,
        }
    }

    /// The next process, with `more`.
    async fn again(self, more: &str) -> Self {
        let toml = format!("{}\n{more}", settings(self.folder.path()));
        Self {
            registry: self.registry.again(&toml).await,
            ..self
        }
    }

    /// An active image with `data`.
    async fn image(&self, data: &'static str) -> String {
        let member = Persona::MEMBER;
        self.registry.active_image(member, json!({}), data).await
    }

    async fn download(&self, id: &str) -> Answer {
        self.registry.get(Persona::MEMBER, &file(id)).await
    }

    async fn part(&self, id: &str, range: &str) -> Answer {
        let call = self.registry.call(Method::GET, &file(id));
        call.by(Persona::MEMBER).header("range", range).send().await
    }

    /// Downloads an image with `data`, so that it is in the cache.
    async fn cached_image(&self, data: &'static str) -> String {
        let id = self.image(data).await;
        assert_eq!(self.download(&id).await.expect(200).text(), data);
        self.until_cached(&id).await;
        id
    }

    async fn until_cached(&self, id: &str) {
        until("the image is cached", async || self.has(id).await).await;
    }

    /// Whether the cache says that it holds the image.
    async fn has(&self, id: &str) -> bool {
        self.listed().await.iter().any(|it| it["image_id"] == id)
    }

    /// The images that the cache says it holds.
    async fn listed(&self) -> Vec<Value> {
        let state = self.state().await;
        state["cached_images"].as_array().expect("a list").clone()
    }

    async fn state(&self) -> Value {
        let answer = self.registry.get(Persona::ADMIN, "/v2/cache").await;
        answer.expect(200).json()
    }

    /// The files of the cache, whole ones and others.
    fn files(&self) -> Vec<PathBuf> {
        files_of(self.folder.path())
    }

    /// The only file of the cache.
    fn only_file(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }

    /// Every store fails when something is read.
    fn close_stores(&self) {
        for name in FaultyStores::NAMES {
            self.stores.set(name, crate::support::Fault::Open);
        }
    }

    async fn sweep(&self) {
        let maintenance = self.registry.app().maintenance();
        maintenance.sweep().await.expect("a sweep");
    }
}

/// The option that names the folder of the cache.
fn settings(folder: &Path) -> String {
    format!("image_cache_dir = \"{}\"", folder.display())
}

fn file(id: &str) -> String {
    format!("/v2/images/{id}/file")
}

/// The files of a cache, whole ones and others.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for part in ["objects", "incomplete"] {
        let entries = fs::read_dir(folder.join(part)).expect("a folder");
        found.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    found.sort();
    found
}
