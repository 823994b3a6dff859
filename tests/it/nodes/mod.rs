//! Several nodes on one database and one store, each with a staging area of its own.

mod lost;
mod processes;
mod shared;
mod staged;

use std::{fs, path::PathBuf};

use axum::http::Method;
use hallmark::{app::App, service::Swept, worker::Turn};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::{Answer, Engine, FaultyStores, Persona, Registry};

const DATA: &str = "staged on one node";

/// What the first node is called; its staging area is in the registry's folder.
const HERE: &str = "worker_self_reference_url = \"http://here:9292/\"";

/// The file by which a staging area is known.
const AREA: &str = ".area";

/// Two nodes, each with a name and a staging area.
struct Nodes {
    here: Registry,
    there: App,
    /// The staging area of the second.
    folder: TempDir,
    stores: FaultyStores,
}

/// The settings of a node that is called `name` and stages in `folder`.
fn node(name: &str, folder: &std::path::Path) -> String {
    format!(
        "worker_self_reference_url = \"http://{name}:9292\"\n\
         [os_glance_staging_store]\nfilesystem_store_datadir = \"{}\"",
        folder.display()
    )
}

impl Nodes {
    async fn open(engine: Engine) -> Self {
        Self::with(engine, HERE).await
    }

    /// With `here` as settings of the first.
    async fn with(engine: Engine, here: &str) -> Self {
        let (here, stores) = Registry::several(engine, here).await;
        let folder = TempDir::new().expect("a folder");
        let there = here.twin_with(&node("there", folder.path())).await;
        Self {
            here,
            there,
            folder,
            stores,
        }
    }

    /// The first node in its next process, with the settings `here`.
    async fn again(self, here: &str) -> Self {
        Self {
            here: self.here.again(here).await,
            ..self
        }
    }

    /// An image without data.
    async fn image(&self) -> String {
        self.here.image(Persona::MEMBER, json!({})).await
    }

    /// An image with data that are staged on the first node.
    async fn staged(&self) -> String {
        let id = self.image().await;
        stage(&self.here, self.here.app(), &id, DATA).await;
        id
    }

    /// Such an image whose import the second node was asked for.
    async fn importing(&self) -> String {
        let id = self.staged().await;
        import(&self.here, &self.there, &id).await.expect(202);
        id
    }

    async fn status(&self, id: &str) -> String {
        let status = &self.here.shown(id).await["status"];
        status.as_str().expect("a status").to_owned()
    }

    /// What lies in the first node's staging area.
    fn files_here(&self) -> Vec<String> {
        names(self.here.folder().join("data/staging"))
    }

    /// What lies in the second node's.
    fn files_there(&self) -> Vec<String> {
        names(self.folder.path().to_owned())
    }
}

/// The files of a staging area, but that by which it is known.
fn names(folder: PathBuf) -> Vec<String> {
    let incoming = folder.join(".incoming");
    let mut names = Vec::new();
    for folder in [folder, incoming] {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_file() && name != AREA {
                names.push(name);
            }
        }
    }
    names.sort();
    names
}

async fn on(registry: &Registry, app: &App, method: Method, path: &str) -> Answer {
    let call = registry.call(method, path).to(app.router());
    call.by(Persona::MEMBER).send().await
}

async fn stage(registry: &Registry, app: &App, id: &str, data: &'static str) {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    let call = call.to(app.router()).by(Persona::MEMBER);
    call.data(data).send().await.expect(204);
}

async fn import(registry: &Registry, app: &App, id: &str) -> Answer {
    import_by(registry, app, id, json!({"name": "glance-direct"})).await
}

async fn import_by(registry: &Registry, app: &App, id: &str, method: Value) -> Answer {
    let call = registry.call(Method::POST, &format!("/v2/images/{id}/import"));
    let call = call.to(app.router()).by(Persona::MEMBER);
    call.json(&json!({"method": method})).send().await
}

async fn delete(registry: &Registry, app: &App, id: &str) {
    let path = format!("/v2/images/{id}");
    on(registry, app, Method::DELETE, &path).await.expect(204);
}

/// Runs the tasks that are the node's to run; tells how many.
async fn work(app: &App) -> usize {
    let stop = CancellationToken::new();
    let mut count = 0;
    while app.worker().turn(&stop).await.expect("a database") == Turn::Worked {
        count += 1;
    }
    count
}

async fn sweep(app: &App) -> Swept {
    app.maintenance().sweep().await.expect("a sweep")
}

/// What a sweep tells that removed so many leftovers, and did nothing else.
fn leftovers(count: usize) -> Swept {
    Swept {
        leftovers: count,
        ..Swept::default()
    }
}

async fn tend(app: &App) {
    app.worker().tend_staging().await.expect("a database");
}

async fn fail_stranded(app: &App) -> usize {
    app.worker().fail_stranded().await.expect("a database")
}

/// The data of the image, as the node gives them.
async fn data(registry: &Registry, app: &App, id: &str) -> String {
    let path = format!("/v2/images/{id}/file");
    let answer = on(registry, app, Method::GET, &path).await;
    answer.expect(200).text()
}
