//! A registry of a test's own.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::http::Method;
use hallmark::{
    app::{App, Given, open_database},
    config::{Config, Sources},
    service::LimitSource,
    worker::Turn,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{Answer, Call, Engine, FaultyStores, KnownLimits, Persona, Told, database::Database};

/// What every test's registry is set to, unless the test says otherwise: callers are who they
/// say they are, and the loopback can be downloaded from.
const USUAL: &str = r#"
[auth]
strategy = "trusted_headers"
[import_filtering_opts]
allowed_ports = []
[fetch]
allowed_networks = ["127.0.0.0/8", "::1/128"]
"#;

/// A registry with a database and files of its own; both go when it is dropped.
pub struct Registry {
    app: App,
    // Dropped after the application, which uses it.
    database: Database,
    folder: TempDir,
    settings: PathBuf,
    limits: Option<Arc<KnownLimits>>,
    stores: Option<FaultyStores>,
}

/// What a registry with several stores is set to.
const SEVERAL: &str = r#"
[glance_store]
default_backend = "slow"
[fast]
filesystem_store_datadir = "/not/used/fast"
[slow]
filesystem_store_datadir = "/not/used/slow"
[spare]
filesystem_store_datadir = "/not/used/spare"
[DEFAULT]
enabled_backends = { fast = "file", slow = "file", spare = "file" }
"#;

impl Registry {
    /// A registry with the usual settings.
    pub async fn open(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// A registry with the usual settings and `more`, as TOML, in which `{folder}` is the folder of
    /// its files.
    pub async fn with(engine: Engine, more: &str) -> Self {
        Self::configured(engine, &format!("{USUAL}\n{more}")).await
    }

    /// A registry with the usual settings and `more`, whose projects have the limits that
    /// `limits` knows.
    pub async fn limited(engine: Engine, more: &str, limits: &Arc<KnownLimits>) -> Self {
        let toml = format!("{USUAL}\n{more}");
        let folder = TempDir::new().expect("a folder");
        Self::set_up(folder, engine, &toml, Some(Arc::clone(limits)), None).await
    }

    /// A registry with the usual settings and `more`, which goes on in the section `DEFAULT`, and
    /// the stores that come with it, best first: `fast`, `slow` (the default) and `spare`.
    pub async fn several(engine: Engine, more: &str) -> (Self, FaultyStores) {
        let folder = TempDir::new().expect("a folder");
        let stores = FaultyStores::below(folder.path());
        let toml = format!("{USUAL}\n{SEVERAL}\n{more}");
        let given = Some(stores.clone());
        let registry = Self::set_up(folder, engine, &toml, None, given).await;
        (registry, stores)
    }

    /// A registry with exactly the settings `toml`, its database apart.
    pub async fn configured(engine: Engine, toml: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        Self::set_up(folder, engine, toml, None, None).await
    }

    async fn set_up(
        folder: TempDir,
        engine: Engine,
        toml: &str,
        limits: Option<Arc<KnownLimits>>,
        stores: Option<FaultyStores>,
    ) -> Self {
        let database = Database::create(engine, folder.path()).await;
        let settings = folder.path().join("hallmark.toml");
        let toml = toml.replace("{folder}", &folder.path().display().to_string());
        fs::write(&settings, toml).expect("a file");
        let given = given(limits.as_ref(), stores.as_ref());
        let app = start(&settings, &database, folder.path(), given).await;
        Self {
            app,
            database,
            folder,
            settings,
            limits,
            stores,
        }
    }

    /// A second process on the same database and files.
    pub async fn twin(&self) -> App {
        let (settings, folder) = (&self.settings, self.folder.path());
        let given = given(self.limits.as_ref(), self.stores.as_ref());
        start(settings, &self.database, folder, given).await
    }

    /// A second process on the same database and stores, which are several, with the settings
    /// `more`, which go on in the section `DEFAULT`.
    pub async fn twin_with(&self, more: &str) -> App {
        let settings = self.folder.path().join("twin.toml");
        fs::write(&settings, format!("{USUAL}\n{SEVERAL}\n{more}")).expect("a file");
        let given = given(self.limits.as_ref(), self.stores.as_ref());
        start(&settings, &self.database, self.folder.path(), given).await
    }

    /// The registry, whose stores are several, in the next process, with the settings `more`, which
    /// go on in the section `DEFAULT`.
    pub async fn again(self, more: &str) -> Self {
        let Self {
            app,
            database,
            folder,
            settings,
            limits,
            stores,
        } = self;
        drop(app);
        fs::write(&settings, format!("{USUAL}\n{SEVERAL}\n{more}")).expect("a file");
        let given = given(limits.as_ref(), stores.as_ref());
        let app = start(&settings, &database, folder.path(), given).await;
        Self {
            app,
            database,
            folder,
            settings,
            limits,
            stores,
        }
    }

    /// The application itself.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// The folder of all the registry's files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a statement on the registry's database, behind its back.
    pub async fn execute(&self, statement: &'static str) {
        self.database.execute(statement).await;
    }

    /// The first column of the rows that a query finds, behind the registry's back.
    pub async fn rows(&self, query: &'static str) -> Vec<String> {
        self.database.rows(query).await
    }

    /// What other services are still to be told.
    pub async fn told(&self) -> Vec<Told> {
        self.database.told().await
    }

    /// How to connect to the registry's database.
    pub fn connection(&self) -> &str {
        self.database.connection()
    }

    /// A request.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.app.router(), method, path)
    }

    /// `GET path` by `persona`.
    pub async fn get(&self, persona: Persona, path: &str) -> Answer {
        self.call(Method::GET, path).by(persona).send().await
    }

    /// `POST path` with a JSON body by `persona`.
    pub async fn post(&self, persona: Persona, path: &str, body: &Value) -> Answer {
        let call = self.call(Method::POST, path).by(persona);
        call.json(body).send().await
    }

    /// `PUT path` with a JSON body by `persona`.
    pub async fn put(&self, persona: Persona, path: &str, body: &Value) -> Answer {
        let call = self.call(Method::PUT, path).by(persona);
        call.json(body).send().await
    }

    /// `PATCH path` with the operations of a patch by `persona`.
    pub async fn patch(&self, persona: Persona, path: &str, operations: &Value) -> Answer {
        let call = self.call(Method::PATCH, path).by(persona);
        call.patch(operations).send().await
    }

    /// `DELETE path` by `persona`.
    pub async fn delete(&self, persona: Persona, path: &str) -> Answer {
        self.call(Method::DELETE, path).by(persona).send().await
    }

    /// Creates an image that can take data, with the attributes of `more`; gives its id.
    pub async fn image(&self, persona: Persona, more: Value) -> String {
        let mut body = json!({"disk_format": "raw", "container_format": "bare"});
        let Value::Object(more) = more else {
            panic!("attributes")
        };
        body.as_object_mut().expect("an object").extend(more);
        let created = self.post(persona, "/v2/images", &body).await.expect(201);
        created.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Uploads `data` to the image by `persona`.
    pub async fn upload(
        &self,
        persona: Persona,
        id: &str,
        data: impl Into<axum::body::Body>,
    ) -> Answer {
        let call = self.call(Method::PUT, &format!("/v2/images/{id}/file"));
        call.by(persona).data(data).send().await
    }

    /// An image with `data`, active.
    pub async fn active_image(&self, persona: Persona, more: Value, data: &'static str) -> String {
        let id = self.image(persona, more).await;
        self.upload(persona, &id, data).await.expect(204);
        id
    }

    /// What the image looks like to an administrator.
    pub async fn shown(&self, id: &str) -> Value {
        let path = format!("/v2/images/{id}");
        self.get(Persona::ADMIN, &path).await.expect(200).json()
    }

    /// Runs tasks until none waits.
    pub async fn work(&self) {
        let stop = CancellationToken::new();
        while self.app.worker().turn(&stop).await.expect("a database") == Turn::Worked {}
    }

    /// Reads copies again until none waits that somebody asked for.
    pub async fn check(&self) {
        let stop = CancellationToken::new();
        while self.app.worker().check(&stop).await.expect("a database") == Turn::Worked {}
    }

    /// Reads copies again until none is left that has not been read for long; tells how many.
    pub async fn scrub(&self) -> usize {
        let stop = CancellationToken::new();
        let mut count = 0;
        while self.app.worker().scrub(&stop).await.expect("a database") == Turn::Worked {
            count += 1;
        }
        count
    }

    /// What is known of the digests and the copies of the image's data.
    pub async fn digests(&self, id: &str) -> Value {
        let path = format!("/v2/images/{id}/digests");
        self.get(Persona::ADMIN, &path).await.expect(200).json()
    }

    /// Every file of the stores and the staging area, by its path below the folder, published
    /// or not.
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        for place in ["data", "staging", "stores"] {
            collect(
                self.folder.path(),
                &self.folder.path().join(place),
                &mut found,
            );
        }
        found.sort();
        found
    }
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path
            .extension()
            .is_none_or(|end| !end.to_string_lossy().starts_with("db"))
        {
            let below = path.strip_prefix(root).expect("below");
            found.push(below.display().to_string());
        }
    }
}

fn given(limits: Option<&Arc<KnownLimits>>, stores: Option<&FaultyStores>) -> Given {
    Given {
        limits: limits.map(|limits| Arc::clone(limits) as Arc<dyn LimitSource>),
        stores: stores.map(FaultyStores::stores),
        program: Some(env!("CARGO_BIN_EXE_hallmark").into()),
    }
}

async fn start(settings: &Path, database: &Database, folder: &Path, given: Given) -> App {
    let environment = [
        (
            "HALLMARK__DATABASE__CONNECTION",
            database.connection().to_owned(),
        ),
        (
            "HALLMARK_DATA_DIR",
            folder.join("data").display().to_string(),
        ),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    let sources = Sources::new(vec![settings.to_owned()], environment.to_vec());
    let config = Config::load(&sources).unwrap_or_else(|faults| panic!("{faults}"));
    let db = open_database(&config.database).await.expect("a database");
    db.migrate().await.expect("a schema");
    let app = App::with(config, given).await;
    app.expect("a registry")
}
