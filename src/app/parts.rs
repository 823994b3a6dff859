//! The parts that the use cases work with, opened as the configuration says.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use rustix::system::uname;
use tokio::sync::Mutex;

use crate::{
    api::{self, ProxyHeaders},
    app::{jobs, secrets, staging},
    auth::{Authenticator, Keystone, KeystoneSettings},
    cache::ImageCache,
    config::{self, Auth, BackendKind, Config, Hashing, Publishers},
    convert::Converter,
    db::{self, Db},
    domain::{Algorithm, Clock, RandomIds, SystemClock},
    fetch::{self, Fetcher},
    hash::Hashers,
    notify::Notifier,
    openpgp::{Keyring, Keyrings},
    policy::{Policy, PolicyError},
    receipt::Signer,
    service::{Core, HashingSettings, ImportPlugin, LimitSource, NodeCache, Parts, Settings},
    store::{
        NamedStore, Store, Stores,
        file::FileStore,
        http::{self, HttpStore},
    },
};

/// What an application is given instead of what its configuration names.
#[derive(Default)]
pub struct Given {
    /// The unified limits of projects.
    pub limits: Option<Arc<dyn LimitSource>>,
    /// The stores.
    pub stores: Option<Stores>,
    /// The file of this program, if it is not what runs.
    pub program: Option<PathBuf>,
}

/// Opens the parts.
pub(super) async fn open(config: Config, given: Given) -> anyhow::Result<Core> {
    let hashers = Hashers::builtin();
    let keepers = secrets::keepers(&config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = settings(&config)?;
    warn_of_unchecked(&hashers, &settings.hashing);
    let db = open_synced_database(&config.database).await?;
    let signer = receipts(config.receipt_key.as_deref(), &db).await?;
    let (staging, area) = staging::open(&config, &RandomIds)?;
    let keyrings = keyrings(&config.publishers, &*clock)?;
    Ok(Core::new(Parts {
        db,
        policy: open_policy(&config, Arc::clone(&clock)).context("the policy cannot be used")?,
        stores: match given.stores {
            Some(given) => given,
            None => stores(&config)?,
        },
        stores_are_named: config.stores.are_named,
        cache: config
            .image_cache
            .as_ref()
            .map(|cache| node_cache(cache, config.server.listen.port()))
            .transpose()?,
        staging,
        area,
        hashers,
        fetcher: Fetcher::new(&config.fetch, &config.import_filter)
            .context("outgoing requests cannot be set up")?,
        certificates: keepers.certificates,
        keys: keepers.keys,
        certificate_roots: secrets::roots(&config)
            .context("[verification] certificate_roots cannot be used")?,
        limits: given.limits,
        keyrings: keyrings.clone(),
        converter: converter(&config, given.program).await?,
        notifier: Notifier::new(&config.notify).context("notifications cannot be set up")?,
        engine: jobs::engine(&config, Arc::clone(&clock), keyrings)?,
        signer,
        clock,
        ids: Arc::new(RandomIds),
        settings,
    }))
}

/// Reads the rules and the property protections that the configuration names.
///
/// # Errors
///
/// [`PolicyError`] tells the first thing that is wrong with them.
pub fn open_policy(config: &Config, clock: Arc<dyn Clock>) -> Result<Policy, PolicyError> {
    let policy = Policy::load(&config.policy, &[], clock)?;
    match &config.protections {
        Some(protections) => policy.with_protections(protections),
        None => Ok(policy),
    }
}

/// Connects to the database the settings name; an embedded one is made if it is missing, and
/// gets its schema.
///
/// # Errors
///
/// If it cannot be connected to.
pub async fn open_database(settings: &db::Settings) -> anyhow::Result<Db> {
    let db = Db::connect(settings).await?;
    if db.is_embedded() {
        db.migrate()
            .await
            .context("the embedded database cannot be brought up to date")?;
    }
    Ok(db)
}

/// What tells who callers are.
pub(super) fn authenticator(config: &Config) -> anyhow::Result<Authenticator> {
    Ok(match &config.auth {
        Auth::None => Authenticator::None,
        Auth::TrustedHeaders(networks) => Authenticator::trusting(networks.clone()),
        Auth::Keystone {
            settings,
            anonymous,
        } => {
            let settings = KeystoneSettings::clone(settings);
            let keystone = Keystone::new(settings, *anonymous, Arc::new(SystemClock));
            Authenticator::Keystone(keystone.context("Keystone cannot be used")?)
        }
    })
}

/// As [`open_database`], and the database must have the schema of this program.
///
/// # Errors
///
/// If it cannot be connected to, or its schema is another.
pub async fn open_synced_database(settings: &db::Settings) -> anyhow::Result<Db> {
    let db = open_database(settings).await?;
    require_schema(&db).await?;
    Ok(db)
}

/// What signs receipts; from now on there are receipts of all verifications if it can.
async fn receipts(key: Option<&Path>, db: &Db) -> anyhow::Result<Option<Signer>> {
    let signer = key.map(signer).transpose()?;
    let mut tx = db.begin().await?;
    tx.keep_receipts(signer.is_some()).await?;
    tx.commit().await?;
    Ok(signer)
}

fn signer(key: &Path) -> anyhow::Result<Signer> {
    let signer = || Ok(Signer::read(&fs::read_to_string(key)?)?);
    let signer: anyhow::Result<_> = signer();
    signer.with_context(|| format!("[verification] receipt_key: {}", key.display()))
}

async fn require_schema(db: &Db) -> anyhow::Result<()> {
    let version = db.schema_version().await?;
    if version.is_some_and(|version| version.is_current()) {
        return Ok(());
    }
    bail!("the database does not have this version's schema; `hallmark db sync` brings it there")
}

fn stores(config: &Config) -> anyhow::Result<Stores> {
    let mut opened = Vec::new();
    for backend in &config.stores.backends {
        let store = match &backend.kind {
            BackendKind::File(settings) => file_store(settings),
            BackendKind::Http(settings) => http_store(settings, config),
        };
        opened.push(NamedStore {
            id: backend.id.clone(),
            description: backend.description.clone(),
            weight: backend.weight,
            store: store.with_context(|| format!("store {} cannot be opened", backend.id))?,
        });
    }
    Stores::new(opened, config.stores.default.clone())
        .ok_or_else(|| anyhow!("the default store is not among the stores"))
}

fn file_store(settings: &crate::store::file::Settings) -> anyhow::Result<Arc<dyn Store>> {
    let folder = settings.filesystem_store_datadir.display();
    let store = FileStore::open(settings).with_context(|| format!("folder {folder}"))?;
    Ok(Arc::new(store))
}

/// A store of web servers, which are asked under the rules of everything that is fetched.
fn http_store(settings: &http::Settings, config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    let own = settings.https_ca_certificates_file.clone();
    let fetch = fetch::Settings {
        ca_file: own.or_else(|| config.fetch.ca_file.clone()),
        ..config.fetch.clone()
    };
    let fetcher = Fetcher::new(&fetch, &config.import_filter)?;
    Ok(Arc::new(HttpStore::new(fetcher)))
}

/// Takes the folder of the image cache. A node without a name of its own goes by its machine's.
fn node_cache(config: &config::ImageCache, port: u16) -> anyhow::Result<NodeCache> {
    let folder = config.settings.folder.display();
    let files = ImageCache::open(&config.settings)
        .with_context(|| format!("[DEFAULT] image_cache_dir {folder} cannot be used"))?;
    let machine = uname();
    let host = machine.nodename().to_string_lossy();
    let name = config.node.clone();
    Ok(NodeCache {
        files,
        node: name.unwrap_or_else(|| format!("http://{host}:{port}")),
        use_for: config.use_for,
        tells_nodes: config.tells_nodes,
        has_older_calls: config.has_older_calls,
        tending: Mutex::default(),
    })
}

/// What converts disks, if they are converted.
async fn converter(config: &Config, program: Option<PathBuf>) -> anyhow::Result<Option<Converter>> {
    if !config.import_plugins.has(ImportPlugin::ImageConversion) {
        return Ok(None);
    }
    // The file of this very program, also if another was put in its place since it began.
    let program = program.unwrap_or_else(|| "/proc/self/exe".into());
    let program = File::open(program).context("this program's own file cannot be opened")?;
    let converter = Converter::find(program, config.conversion).await;
    let converter = converter.context(
        "[image_import_opts] image_import_plugins: image_conversion needs the program qemu-img",
    )?;
    Ok(Some(converter))
}

/// Reads the keys of every publisher.
fn keyrings(publishers: &Publishers, clock: &dyn Clock) -> anyhow::Result<Keyrings> {
    let mut keyrings = Keyrings::default();
    for (publisher, file) in &publishers.keyrings {
        let unusable = || {
            format!(
                "the keyring of {publisher}, {}, cannot be used",
                file.display()
            )
        };
        let bytes = std::fs::read(file).with_context(unusable)?;
        let keyring = Keyring::read(publisher, &bytes).with_context(unusable)?;
        if !keyring.can_sign(clock.now()) {
            tracing::warn!(
                publisher,
                file = %file.display(),
                "no key of a keyring may sign: each is expired, revoked, weak or for other uses"
            );
        }
        keyrings.add(keyring)?;
    }
    Ok(keyrings)
}

fn settings(config: &Config) -> anyhow::Result<Settings> {
    Ok(Settings {
        hashing: hashing(&config.hashing)?,
        at_rest: config.at_rest.clone(),
        inspection: config.inspection.clone(),
        disk_formats: config.disk_formats.clone(),
        container_formats: config.container_formats.clone(),
        import_methods: config
            .import_methods
            .iter()
            .map(ToString::to_string)
            .collect(),
        image_size_cap: config.limits.image_size,
        locations: config.locations.clone(),
        property_quota: config.limits.properties,
        tag_quota: config.limits.tags,
        member_quota: config.limits.members,
        user_storage_quota: config.limits.storage,
        unknown_size: config.limits.unknown_size,
        delete_delay: config.delete_delay,
        scrub_pool_size: config.scrub_pool_size,
        lease: Duration::from_secs(config.worker.lease),
        max_attempts: config.worker.max_attempts,
        node_timeout: Duration::from_secs(config.worker.node_timeout.max(config.worker.lease * 2)),
        task_time_to_live: config.task_time_to_live,
        jobs: jobs::settings(config),
        taken_over: config.taken_over.clone(),
        plugins: config.import_plugins.clone(),
        require_signed_checksums: config.publishers.signatures_required,
    })
}

fn hashing(names: &Hashing) -> anyhow::Result<HashingSettings> {
    let allowed = names.allowed.iter().map(|name| name.parse());
    let extra = names.extra.iter().map(|name| name.parse());
    let checksum = names.legacy_checksum.then(|| "md5".parse());
    Ok(HashingSettings {
        default: names.default.parse()?,
        allowed: allowed.collect::<Result<_, _>>()?,
        checksum: checksum.transpose()?,
        extra: extra.collect::<Result<_, _>>()?,
    })
}

/// Clients that do not know an algorithm check something else, or refuse the download.
fn warn_of_unchecked(hashers: &Hashers, hashing: &HashingSettings) {
    let named = hashing.allowed.iter().chain([&hashing.default]);
    for algorithm in named.filter(|name| !hashers.known_to_hashlib(name)) {
        tracing::warn!(
            algorithm = Algorithm::as_str(algorithm),
            "stock Python clients cannot check images whose os_hash_algo is this"
        );
    }
}

/// What the API is told.
pub(super) fn api_settings(config: &Config) -> api::Settings {
    let server = &config.server;
    api::Settings {
        limit_param_default: config.limits.page_default,
        api_limit_max: config.limits.page_max,
        public_endpoint: server.public_endpoint.clone(),
        max_request_id_length: server.max_request_id_length,
        client_socket_timeout: server.idle_timeout,
        health: server.health.clone(),
        proxy_headers: if server.trusts_proxy_headers {
            ProxyHeaders::Believed
        } else {
            ProxyHeaders::Ignored
        },
        cors: server.cors.clone(),
        compression: server.compression,
        metrics: server.metrics.clone(),
    }
}
