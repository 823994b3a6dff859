//! The sections of fixed name as they stand in a file.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    auth,
    config::{
        edge::{Compression, Cors, Healthcheck},
        identity::{KeystoneAuthtoken, OsloLimit},
        import_options::USUAL_IMPORT_METHODS,
        key_manager::{Barbican, KeyManager},
        options::words,
        plugin_sections::{
            GlanceDownload, ImageConversion, ImageDecompression, ImageImport, InjectMetadata,
        },
    },
    db, fetch, inspect, jobs, notify, policy, telemetry, worker,
};

/// All sections of fixed name, without the options of a store in `[glance_store]`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fixed {
    #[serde(rename = "DEFAULT")]
    pub main: Main,
    pub auth: auth::Settings,
    pub barbican: Barbican,
    pub compression: Compression,
    pub cors: Cors,
    pub database: db::Settings,
    pub fetch: fetch::Settings,
    pub glance_download_properties: GlanceDownload,
    pub glance_store: GlanceStore,
    pub healthcheck: Healthcheck,
    pub image_conversion: ImageConversion,
    pub image_decompression: ImageDecompression,
    pub image_format: ImageFormat,
    pub image_import_opts: ImageImport,
    pub import_filtering_opts: fetch::FilterSettings,
    pub jobs: jobs::Settings,
    pub inject_metadata_properties: InjectMetadata,
    pub key_manager: KeyManager,
    pub keystone_authtoken: KeystoneAuthtoken,
    pub os_glance_staging_store: StagingStore,
    pub oslo_limit: OsloLimit,
    pub oslo_messaging_notifications: notify::NotificationSettings,
    pub oslo_messaging_rabbit: notify::RabbitSettings,
    pub oslo_middleware: OsloMiddleware,
    pub oslo_policy: policy::Settings,
    pub paste_deploy: PasteDeploy,
    pub quotas: Quotas,
    pub task: Task,
    pub telemetry: telemetry::Settings,
    pub verification: Verification,
    pub worker: worker::Settings,
}

/// `[DEFAULT]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the operator's, by the name it has in the file"
)]
pub(super) struct Main {
    pub bind_host: IpAddr,
    pub bind_port: u16,
    pub public_endpoint: Option<String>,
    pub enabled_backends: Option<BTreeMap<String, String>>,
    pub enabled_import_methods: Vec<String>,
    pub node_staging_uri: Option<String>,
    pub default_hashing_algorithm: String,
    pub allowed_hashing_algorithms: Vec<String>,
    pub limit_param_default: u32,
    pub api_limit_max: u32,
    pub image_size_cap: u64,
    pub show_image_direct_url: bool,
    pub show_multiple_locations: bool,
    pub do_secure_hash: bool,
    pub http_retries: u32,
    pub image_location_quota: i64,
    pub image_member_quota: i64,
    pub image_property_quota: i64,
    pub image_tag_quota: i64,
    pub property_protection_file: Option<PathBuf>,
    pub property_protection_rule_format: policy::RuleFormat,
    pub user_storage_quota: String,
    pub delayed_delete: bool,
    /// In seconds.
    pub scrub_time: u32,
    pub scrub_pool_size: usize,
    pub worker_self_reference_url: Option<String>,
    pub image_cache_dir: Option<PathBuf>,
    pub image_cache_driver: String,
    /// In bytes.
    pub image_cache_max_size: u64,
    /// In seconds.
    pub image_cache_stall_time: u64,
    pub default_publisher_id: String,
    pub disabled_notifications: Vec<String>,
    pub control_exchange: String,
    #[serde(skip_serializing)]
    pub transport_url: Option<SecretString>,
    pub max_request_id_length: usize,
    pub client_socket_timeout: u64,
    pub graceful_shutdown_timeout: u64,
    pub debug: bool,
    pub log_file: Option<PathBuf>,
    pub log_dir: Option<PathBuf>,
    pub use_json: bool,
    pub allow_anonymous_access: bool,
    pub use_keystone_limits: bool,
}

impl Default for Main {
    fn default() -> Self {
        Self {
            bind_host: Ipv4Addr::LOCALHOST.into(),
            bind_port: 9292,
            public_endpoint: None,
            enabled_backends: None,
            enabled_import_methods: words(USUAL_IMPORT_METHODS),
            node_staging_uri: None,
            default_hashing_algorithm: "sha512".into(),
            allowed_hashing_algorithms: words(&["sha512", "sha256", "sha1", "md5"]),
            limit_param_default: 25,
            api_limit_max: 1000,
            image_size_cap: 1 << 40,
            show_image_direct_url: false,
            show_multiple_locations: false,
            do_secure_hash: true,
            http_retries: 3,
            image_location_quota: 10,
            image_member_quota: 128,
            image_property_quota: 128,
            image_tag_quota: 128,
            property_protection_file: None,
            property_protection_rule_format: policy::RuleFormat::Roles,
            user_storage_quota: "0".into(),
            delayed_delete: false,
            scrub_time: 0,
            scrub_pool_size: 1,
            worker_self_reference_url: None,
            image_cache_dir: None,
            image_cache_driver: "centralized_db".into(),
            image_cache_max_size: 10 << 30,
            image_cache_stall_time: 86_400,
            default_publisher_id: "image.localhost".into(),
            disabled_notifications: Vec::new(),
            control_exchange: "glance".into(),
            transport_url: None,
            max_request_id_length: 64,
            client_socket_timeout: 900,
            graceful_shutdown_timeout: 60,
            debug: false,
            log_file: None,
            log_dir: None,
            use_json: false,
            allow_anonymous_access: false,
            use_keystone_limits: false,
        }
    }
}

/// `[glance_store]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GlanceStore {
    pub default_backend: Option<String>,
    pub stores: Vec<String>,
    pub default_store: String,
}

impl Default for GlanceStore {
    fn default() -> Self {
        Self {
            default_backend: None,
            stores: words(&["file"]),
            default_store: "file".into(),
        }
    }
}

/// `[image_format]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageFormat {
    pub disk_formats: Vec<String>,
    pub container_formats: Vec<String>,
    pub require_image_format_match: bool,
    pub vmdk_allowed_types: Vec<String>,
    pub gpt_safety_checks_nonfatal: Vec<String>,
}

impl Default for ImageFormat {
    fn default() -> Self {
        let inspect::Rules {
            require_image_format_match,
            vmdk_allowed_types,
            gpt_safety_checks_nonfatal,
        } = inspect::Rules::default();
        Self {
            disk_formats: words(&[
                "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop",
            ]),
            container_formats: words(&[
                "ami",
                "ari",
                "aki",
                "bare",
                "ovf",
                "ova",
                "docker",
                "compressed",
            ]),
            require_image_format_match,
            vmdk_allowed_types,
            gpt_safety_checks_nonfatal,
        }
    }
}

/// `[os_glance_staging_store]`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StagingStore {
    pub filesystem_store_datadir: PathBuf,
}

/// `[oslo_middleware]`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OsloMiddleware {
    pub enable_proxy_headers_parsing: bool,
}

/// `[paste_deploy]`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PasteDeploy {
    pub flavor: Option<String>,
}

/// `[task]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Task {
    /// In hours.
    pub task_time_to_live: u32,
}

impl Default for Task {
    fn default() -> Self {
        Self {
            task_time_to_live: 48,
        }
    }
}

/// `[quotas]`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Quotas {
    pub strict_sizes: bool,
}

/// `[verification]`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verification {
    pub certificate_dir: Option<PathBuf>,
    pub certificate_roots: Option<PathBuf>,
    pub extra_digests: Vec<String>,
    pub keyrings: Option<BTreeMap<String, PathBuf>>,
    pub legacy_checksum: bool,
    pub on_damage: String,
    pub verify_reads: bool,
    /// In days; 0: never.
    pub scrub_age: u32,
    /// In MiB in a second; 0: any number.
    pub scrub_rate: u32,
    pub receipt_key: Option<PathBuf>,
    pub require_signed_checksums: bool,
    pub trust_locations: bool,
}

impl Default for Verification {
    fn default() -> Self {
        Self {
            certificate_dir: None,
            certificate_roots: None,
            extra_digests: Vec::new(),
            keyrings: None,
            legacy_checksum: true,
            on_damage: "report".into(),
            verify_reads: false,
            scrub_age: 30,
            scrub_rate: 100,
            receipt_key: None,
            require_signed_checksums: false,
            trust_locations: false,
        }
    }
}

/// The options that every store has, whatever its type.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StoreSection {
    pub store_description: Option<String>,
    pub weight: i64,
}
