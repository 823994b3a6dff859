//! The configuration: every module's settings, gathered, checked, and traced to their source.
//!
//! [`Config::load`] puts the layers together (what is built in, each file, the environment;
//! later wins), gives every option a value of its kind, checks options against each other, and
//! reports everything that is wrong at once. The path of a value: `layer` (one source) →
//! `reading` (names, references, kinds, by the table in `options`) → `sections` (structs) →
//! [`Config`]. Nothing below the application sees [`Config`]: each module is given its own part.

mod access;
mod at_rest;
mod check;
mod defaults;
mod edge;
mod effective;
mod fault;
mod hashing;
mod identity;
mod identity_options;
mod image_cache;
mod import_options;
mod ini;
mod interpolate;
mod key_manager;
mod keystone;
mod kind;
mod layer;
mod locating;
mod node;
mod notifying;
mod options;
mod plugin_sections;
mod plugins;
mod publishers;
mod reading;
mod row;
mod sections;
mod serving;
mod show;
mod signatures;
mod size;
mod sources;
mod spelled;
mod stores;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use figment::Figment;

use self::{check::Check, effective::Effective, layer::Layer, sections::Fixed};
pub use self::{
    fault::{Fault, Faults, Origin, Place},
    hashing::Hashing,
    image_cache::ImageCache,
    publishers::Publishers,
    serving::{Auth, Limits, Log, Server},
    show::Show,
    signatures::Signatures,
    sources::Sources,
    stores::{BackendConfig, BackendKind, Stores},
};
use crate::{
    convert, db, fetch,
    hash::Hashers,
    inspect, jobs,
    keystone::LimitsSettings,
    notify, policy,
    service::{AtRest, LocationSettings, Plugins},
    worker,
};

/// Everything the operator can say, checked.
#[derive(Debug)]
pub struct Config {
    /// How clients reach us.
    pub server: Server,
    /// How callers prove who they are.
    pub auth: Auth,
    /// How much a user may have, and how much one answer holds.
    pub limits: Limits,
    /// How Keystone is asked what projects may have; none: it is not.
    pub keystone_limits: Option<LimitsSettings>,
    /// The disk formats an image may have.
    pub disk_formats: Vec<String>,
    /// The container formats an image may have.
    pub container_formats: Vec<String>,
    /// What is accepted as an image's content.
    pub inspection: inspect::Rules,
    /// Which digests are made.
    pub hashing: Hashing,
    /// How signatures of images are checked.
    pub signatures: Signatures,
    /// How copies are kept sound.
    pub at_rest: AtRest,
    /// The private key with which receipts of verifications are signed; none: there are none.
    pub receipt_key: Option<PathBuf>,
    /// Whose signatures of checksum files are believed.
    pub publishers: Publishers,
    /// How long the bytes of a deleted image stay; none: they go at once.
    pub delete_delay: Option<Duration>,
    /// Of how many deleted images bytes are removed at a time.
    pub scrub_pool_size: usize,
    /// What users see of where images are.
    pub locations: LocationSettings,
    /// The import methods that may be used, by their names in the API.
    pub import_methods: Vec<&'static str>,
    /// What is done with the data of imports before they are stored.
    pub import_plugins: Plugins,
    /// How the names of properties begin that an image gets from that of another registry.
    pub taken_over: Vec<String>,
    /// How much a conversion of a disk may take.
    pub conversion: convert::Limits,
    /// How long a task that has ended is kept.
    pub task_time_to_live: Duration,
    /// Where the bytes are kept.
    pub stores: Stores,
    /// What this node is called among those that share the database; none: it has no name, and no
    /// staging area of its own.
    pub node: Option<String>,
    /// The image cache of this node; none: there is none.
    pub image_cache: Option<ImageCache>,
    /// Where the metadata are kept; the connection is always set.
    pub database: db::Settings,
    /// Who may do what; the names of files hold a folder unless none is known.
    pub policy: policy::Settings,
    /// Who may do what to which custom property; unless set, nothing is protected.
    pub protections: Option<policy::ProtectionSettings>,
    /// How things are fetched.
    pub fetch: fetch::Settings,
    /// What may be fetched.
    pub import_filter: fetch::FilterSettings,
    /// What other services are told.
    pub notify: notify::Settings,
    /// How verification jobs are run; the names of folders hold a folder unless none is known.
    pub jobs: jobs::Settings,
    /// How tasks are run.
    pub worker: worker::Settings,
    /// Where the log goes, and what is in it.
    pub log: Log,
    /// What the operator should know although it stops nothing; the caller logs it.
    pub warnings: Vec<String>,
    effective: Effective,
}

impl Config {
    /// Reads `sources` and checks everything they say.
    ///
    /// # Errors
    ///
    /// [`Faults`] with everything that is wrong.
    pub fn load(sources: &Sources) -> Result<Self, Faults> {
        let defaults = defaults::sections(&sources.data_dir());
        let mut faults = Vec::new();
        let mut figment = Figment::from(Layer::defaults(&defaults));
        for file in sources.files() {
            match Layer::file(file) {
                Ok(layer) => figment = figment.merge(layer),
                Err(fault) => faults.push(fault),
            }
        }
        let environment = Layer::environment(sources.environment(), &layer::together(&figment));
        let read = reading::read(figment.merge(environment), &defaults);
        if !faults.is_empty() {
            // Against each other, options can be checked only if all of them are known.
            faults.extend(read.faults);
            return Err(Faults(faults));
        }
        let checked = Checked::new(&read.effective, read.faults, read.warnings)?;
        let mut config = checked.into_config(read.effective, &sources.folder());
        config.normalise_hashing(&Hashers::builtin())?;
        Ok(config)
    }
}

/// Options that go together.
struct Checked {
    fixed: Fixed,
    server: Server,
    auth: Auth,
    keystone_limits: Option<LimitsSettings>,
    stores: Stores,
    log: Log,
    notify: notify::Settings,
    signatures: Signatures,
    import_methods: Vec<&'static str>,
    import_plugins: Plugins,
    warnings: Vec<String>,
}

impl Checked {
    /// Checks the options of `effective` against each other, unless `faults` were found in single
    /// ones that make it useless.
    fn new(
        effective: &Effective,
        faults: Vec<Fault>,
        warnings: Vec<String>,
    ) -> Result<Self, Faults> {
        let mut check = Check {
            effective,
            faults,
            warnings,
        };
        let fixed = match effective.extract_all::<Fixed>() {
            Ok(fixed) => fixed,
            Err(fault) => {
                check.faults.push(fault);
                return Err(Faults(check.faults));
            }
        };
        let server = serving::server(&mut check, &fixed);
        let auth = serving::auth(&mut check, &fixed, &server);
        let uses_limits = fixed.main.use_keystone_limits;
        let keystone_limits = uses_limits.then(|| keystone::limits(&mut check, &fixed));
        let stores = stores::resolve(&mut check, &fixed);
        let log = serving::log(&mut check, &fixed);
        access::warn(&mut check, &fixed.oslo_policy);
        locating::warn(&mut check, &fixed.main, &fixed.verification);
        publishers::check(&mut check, &fixed.verification);
        let notify = notifying::notifications(&mut check, &fixed);
        let signatures = signatures::signatures(&mut check, &fixed);
        let import_methods = check.available(
            ("DEFAULT", "enabled_import_methods"),
            &fixed.main.enabled_import_methods,
            import_options::IMPORT_METHODS,
            &[],
        );
        let import_plugins = plugins::plugins(&mut check, &fixed);
        match (stores, auth) {
            (Some(stores), Some(auth)) if check.faults.is_empty() => Ok(Self {
                fixed,
                server,
                auth,
                keystone_limits: keystone_limits.flatten(),
                stores,
                log,
                notify,
                signatures,
                import_methods,
                import_plugins,
                warnings: check.warnings,
            }),
            _ => Err(Faults(check.faults)),
        }
    }

    /// The configuration; relative names of policy files are taken from `folder`.
    fn into_config(self, mut effective: Effective, folder: &Path) -> Config {
        let fixed = self.fixed;
        let strategy = serving::strategy(&fixed);
        effective.settle("auth", "strategy", serving::value_of(strategy));
        let hours = u64::from(fixed.task.task_time_to_live);
        let protections = access::protections(&fixed.main, folder);
        let publishers = publishers::publishers(&fixed.verification, folder);
        let locations = locating::locations(&fixed.main, &fixed.verification);
        let image_cache = image_cache::image_cache(&fixed);
        let node = node::node(&fixed.main);
        Config {
            server: self.server,
            auth: self.auth,
            limits: serving::limits(&fixed.main, &fixed.quotas),
            keystone_limits: self.keystone_limits,
            disk_formats: fixed.image_format.disk_formats,
            container_formats: fixed.image_format.container_formats,
            inspection: inspect::Rules {
                require_image_format_match: fixed.image_format.require_image_format_match,
                vmdk_allowed_types: fixed.image_format.vmdk_allowed_types,
                gpt_safety_checks_nonfatal: fixed.image_format.gpt_safety_checks_nonfatal,
            },
            at_rest: at_rest::settings(&fixed.verification),
            hashing: Hashing {
                default: fixed.main.default_hashing_algorithm,
                allowed: fixed.main.allowed_hashing_algorithms,
                extra: fixed.verification.extra_digests,
                legacy_checksum: fixed.verification.legacy_checksum,
            },
            signatures: self.signatures,
            receipt_key: fixed.verification.receipt_key,
            delete_delay: (fixed.main.delayed_delete)
                .then(|| Duration::from_secs(fixed.main.scrub_time.into())),
            scrub_pool_size: fixed.main.scrub_pool_size,
            publishers,
            locations,
            import_methods: self.import_methods,
            import_plugins: self.import_plugins,
            taken_over: fixed.glance_download_properties.extra_properties,
            conversion: plugins::limits(&fixed.image_conversion),
            task_time_to_live: Duration::from_hours(hours),
            stores: self.stores,
            node,
            image_cache,
            database: fixed.database,
            policy: access::policy(fixed.oslo_policy, folder),
            protections,
            fetch: fixed.fetch,
            import_filter: fixed.import_filtering_opts,
            notify: self.notify,
            jobs: rooted(fixed.jobs, folder),
            worker: fixed.worker,
            log: self.log,
            warnings: self.warnings,
            effective,
        }
    }
}

/// The settings with the names of folders taken from `folder`; an empty text says nothing.
fn rooted(jobs: jobs::Settings, folder: &Path) -> jobs::Settings {
    let roots = jobs.image_roots.iter();
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    jobs::Settings {
        image_roots: roots.map(|root| folder.join(root)).collect(),
        worker_id: said(jobs.worker_id),
        worker_pool: said(jobs.worker_pool),
        ..jobs
    }
}
