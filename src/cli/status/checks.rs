//! What could keep this program from working where another worked before.

use std::{fmt::Display, path::Path};

use rustix::fs::{Access, access};

use crate::{
    app,
    cli::{ConfigFiles, digests},
    config::{BackendKind, Config, Sources},
    db::{Db, DbError, SchemaVersion},
    domain::SystemClock,
};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Code {
    /// Nothing was found.
    Success = 0,
    /// Something works otherwise than the operator may think.
    Warning = 1,
    /// Something does not work.
    Failure = 2,
}

/// One look, and what was found.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) code: Code,
    /// What was found; none: nothing to tell.
    pub(super) details: Option<String>,
}

impl Check {
    fn new(name: &'static str, code: Code, details: impl Display) -> Self {
        Self {
            name,
            code,
            details: Some(details.to_string()),
        }
    }

    /// `findings`, each of which is as bad as `code` says; none: all is well.
    fn of(name: &'static str, code: Code, findings: &[String]) -> Self {
        if findings.is_empty() {
            return Self {
                name,
                code: Code::Success,
                details: None,
            };
        }
        Self::new(name, code, findings.join("; "))
    }
}

const CONFIGURATION: &str = "Configuration";
const SCHEMA: &str = "Database schema";

/// Looks at everything that can be looked at.
pub(super) async fn all(files: &ConfigFiles) -> Vec<Check> {
    let config = match Config::load(&Sources::of_process(files.files.clone())) {
        Ok(config) => config,
        Err(faults) => {
            let faults: Vec<_> = faults.0.iter().map(ToString::to_string).collect();
            return vec![Check::of(CONFIGURATION, Code::Failure, &faults)];
        }
    };
    let mut checks = vec![
        Check::of(CONFIGURATION, Code::Warning, &config.warnings),
        policy(&config),
        stores(&config),
    ];
    match database(&config).await {
        Ok((schema, db)) => {
            checks.push(schema);
            if let Some(db) = db {
                checks.extend(images(&config, &db).await);
                db.close().await;
            }
        }
        Err(error) => checks.push(Check::new(SCHEMA, Code::Failure, chain(&error.into()))),
    }
    checks
}

fn chain(error: &anyhow::Error) -> String {
    format!("{error:#}")
}

fn policy(config: &Config) -> Check {
    let clock = std::sync::Arc::new(SystemClock);
    let faults: Vec<_> = app::open_policy(config, clock)
        .err()
        .map(|error| chain(&error.into()))
        .into_iter()
        .collect();
    Check::of("Policy files", Code::Failure, &faults)
}

/// Whether the folders of the stores and of the staging area can be used. One that is not there is
/// made by `serve`, but then it holds no images of before.
fn stores(config: &Config) -> Check {
    let mut missing = Vec::new();
    let mut unusable = Vec::new();
    let stores = &config.stores;
    let folders = stores
        .backends
        .iter()
        .filter_map(|backend| match &backend.kind {
            BackendKind::File(settings) => Some((
                format!("store {}", backend.id),
                settings.filesystem_store_datadir.as_path(),
            )),
            // What web servers have is in no folder here.
            BackendKind::Http(_) => None,
        });
    for (name, folder) in folders.chain([("the staging area".to_owned(), &*stores.staging)]) {
        let told = format!("{name}: folder {}", folder.display());
        if !folder.exists() {
            missing.push(format!("{told} is not there"));
        } else if let Some(reason) = unusable_because(folder) {
            unusable.push(format!("{told} {reason}"));
        }
    }
    let code = if unusable.is_empty() {
        Code::Warning
    } else {
        Code::Failure
    };
    unusable.extend(missing);
    Check::of("Stores", code, &unusable)
}

fn unusable_because(folder: &Path) -> Option<String> {
    if !folder.is_dir() {
        return Some("is no folder".to_owned());
    }
    let needed = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    let refused = access(folder, needed).err()?;
    Some(format!("cannot be used: {refused}"))
}

/// How far the schema is; the database, if it has the schema of this program.
async fn database(config: &Config) -> Result<(Check, Option<Db>), DbError> {
    if let Some(file) = config.database.file()?
        && !file.exists()
    {
        let details = format!("{} is not there; serve makes it", file.display());
        return Ok((Check::new(SCHEMA, Code::Success, details), None));
    }
    let db = Db::connect(&config.database).await?;
    let version = db.schema_version().await?;
    if version.as_ref().is_some_and(SchemaVersion::is_current) {
        return Ok((Check::of(SCHEMA, Code::Success, &[]), Some(db)));
    }
    let found = version.map_or_else(
        || "the database has no schema yet".to_owned(),
        |version| {
            format!(
                "the schema is at {} ({}), this program's is {}",
                version.number, version.name, version.latest
            )
        },
    );
    let check = if db.is_embedded() {
        let details = format!("{found}; serve brings it up to date");
        Check::new(SCHEMA, Code::Success, details)
    } else {
        let details = format!("{found}; before serve, `hallmark db sync` has to be run");
        Check::new(SCHEMA, Code::Warning, details)
    };
    db.close().await;
    Ok((check, None))
}

/// What the rows of images say.
async fn images(config: &Config, db: &Db) -> Vec<Check> {
    let looks = async {
        let mut session = db.read().await?;
        let copies = session.count_copies().await?;
        let algorithms = digests::usual(config)?;
        let lacking = session.count_lacking(&algorithms).await?;
        anyhow::Ok((copies, lacking))
    };
    let (copies, lacking) = match looks.await {
        Ok(found) => found,
        Err(error) => return vec![Check::new("Images", Code::Failure, chain(&error))],
    };
    let is_configured = |id: &str| {
        let mut backends = config.stores.backends.iter();
        backends.any(|backend| backend.id.as_str() == id)
    };
    let (mut lost, mut unsound) = (Vec::new(), Vec::new());
    for copies in copies {
        let store = copies.store.as_str();
        if !is_configured(store) {
            let count = copies.all;
            lost.push(format!(
                "{count} copies lie in the store {store}, which is not configured"
            ));
        }
        if copies.unsound > 0 {
            let count = copies.unsound;
            unsound.push(format!(
                "{count} copies in the store {store} are damaged, missing or unreadable"
            ));
        }
    }
    let mut undigested = Vec::new();
    if lacking.images > 0 {
        undigested.push(format!(
            "{} images ({} bytes) lack a digest that images get now; `hallmark digests backfill` finds them",
            lacking.images, lacking.bytes
        ));
    }
    vec![
        Check::of("Stores of images", Code::Failure, &lost),
        Check::of("Copies of images", Code::Warning, &unsound),
        Check::of("Digests of images", Code::Warning, &undigested),
    ]
}
