//! The table of all options: in which section, by which name, of which kind.

pub(super) use crate::config::row::Row;
use crate::config::{
    identity_options::{INTERFACES, KEYSTONE_AUTHTOKEN, OSLO_LIMIT},
    import_options::{
        GLANCE_DOWNLOAD, IMAGE_CONVERSION, IMAGE_DECOMPRESSION, IMAGE_IMPORT, IMPORT_FILTERING,
        INJECT_METADATA,
    },
    kind::Kind,
    row::{count, number, row},
};

/// An old name of an option.
#[derive(Debug)]
pub(super) struct Alias {
    /// The section and the name that are deprecated.
    pub old: (&'static str, &'static str),
    /// The section and the name that are meant.
    pub new: (&'static str, &'static str),
}

/// The types of stores that this version has.
pub(super) const STORE_TYPES: &[&str] = &["file", "http"];

/// Those of them that new images can go to.
const WRITABLE_STORE_TYPES: &[&str] = &["file"];

/// The types of stores that Glance has and this version has not.
pub(super) const ABSENT_STORE_TYPES: &[&str] = &["cinder", "rbd", "s3", "swift", "vmware"];

/// The names that still work.
pub(super) const ALIASES: &[Alias] = &[
    within("keystone_authtoken", "auth_uri", "www_authenticate_uri"),
    within(
        "keystone_authtoken",
        "memcache_servers",
        "memcached_servers",
    ),
    within("keystone_authtoken", "auth_plugin", "auth_type"),
    within("keystone_authtoken", "user_name", "username"),
    within("keystone_authtoken", "tenant_id", "project_id"),
    within("keystone_authtoken", "tenant_name", "project_name"),
    within("key_manager", "api_class", "backend"),
    Alias {
        old: ("key_manager", "auth_url"),
        new: ("barbican", "auth_endpoint"),
    },
    within("oslo_limit", "auth_plugin", "auth_type"),
    within("oslo_limit", "user_name", "username"),
    within("oslo_limit", "tenant_id", "project_id"),
    within("oslo_limit", "tenant_name", "project_name"),
    Alias {
        old: ("DEFAULT", "hashing_algorithm"),
        new: ("DEFAULT", "default_hashing_algorithm"),
    },
    Alias {
        old: ("DEFAULT", "disk_formats"),
        new: ("image_format", "disk_formats"),
    },
    Alias {
        old: ("DEFAULT", "container_formats"),
        new: ("image_format", "container_formats"),
    },
];

/// The options of each section that has a fixed name.
pub(super) const SECTIONS: &[(&str, &[Row])] = &[
    ("DEFAULT", DEFAULT),
    ("auth", AUTH),
    ("barbican", BARBICAN),
    ("compression", &[row("gzip", Kind::Switch)]),
    ("cors", CORS),
    ("database", DATABASE),
    ("fetch", FETCH),
    ("glance_download_properties", GLANCE_DOWNLOAD),
    ("glance_store", GLANCE_STORE),
    ("healthcheck", HEALTHCHECK),
    ("image_conversion", IMAGE_CONVERSION),
    ("image_decompression", IMAGE_DECOMPRESSION),
    (
        "image_format",
        &[
            row("disk_formats", Kind::Words),
            row("container_formats", Kind::Words),
            row("require_image_format_match", Kind::Switch),
            row("vmdk_allowed_types", Kind::Words),
            row("gpt_safety_checks_nonfatal", Kind::Words),
        ],
    ),
    ("import_filtering_opts", IMPORT_FILTERING),
    ("jobs", JOBS),
    ("image_import_opts", IMAGE_IMPORT),
    ("inject_metadata_properties", INJECT_METADATA),
    ("key_manager", &[row("backend", Kind::Text)]),
    ("keystone_authtoken", KEYSTONE_AUTHTOKEN),
    (
        "os_glance_staging_store",
        &[row("filesystem_store_datadir", Kind::Text)],
    ),
    ("oslo_limit", OSLO_LIMIT),
    ("oslo_messaging_notifications", NOTIFICATIONS),
    ("oslo_messaging_rabbit", RABBIT),
    (
        "oslo_middleware",
        &[row("enable_proxy_headers_parsing", Kind::Switch)],
    ),
    ("oslo_policy", OSLO_POLICY),
    ("paste_deploy", &[row("flavor", Kind::Text)]),
    ("quotas", &[row("strict_sizes", Kind::Switch)]),
    ("task", &[row("task_time_to_live", count(1))]),
    ("telemetry", TELEMETRY),
    (
        "verification",
        &[
            row("certificate_dir", Kind::Text),
            row("certificate_roots", Kind::Text),
            row("extra_digests", Kind::Words),
            row("keyrings", Kind::Pairs),
            row("legacy_checksum", Kind::Switch),
            row("on_damage", Kind::Choice(&["report", "quarantine", "heal"])),
            row("verify_reads", Kind::Switch),
            row("scrub_age", number(0, 36_500)),
            row("scrub_rate", number(0, 1 << 20)),
            row("receipt_key", Kind::Text),
            row("require_signed_checksums", Kind::Switch),
            row("trust_locations", Kind::Switch),
        ],
    ),
    ("worker", WORKER),
];

/// The options of every store, in the section named by its id.
pub(super) const STORE: &[Row] = &[
    row("store_description", Kind::Text),
    row("weight", number(i32::MIN as i128, i32::MAX as i128)),
];

/// The options of a file store.
pub(super) const FILE_STORE: &[Row] = &[
    row("filesystem_store_datadir", Kind::Text),
    row("filesystem_store_file_perm", number(0, 777)),
];

/// The options of an http store.
pub(super) const HTTP_STORE: &[Row] = &[
    row("http_proxy_information", Kind::Pairs),
    row("https_ca_certificates_file", Kind::Text),
    row("https_insecure", Kind::Switch),
];

/// The sections that say how to log in, unless they name another section that does.
pub(super) const LOGIN_SECTIONS: &[&str] = &["keystone_authtoken", "oslo_limit"];

/// How to log in at Keystone: the options of keystoneauth's plugins.
pub(super) const LOGIN: &[Row] = &[
    row("auth_type", Kind::Text),
    row("auth_url", Kind::Url),
    row("user_id", Kind::Text),
    row("username", Kind::Text),
    row("password", Kind::Secret),
    row("user_domain_id", Kind::Text),
    row("user_domain_name", Kind::Text),
    row("project_id", Kind::Text),
    row("project_name", Kind::Text),
    row("project_domain_id", Kind::Text),
    row("project_domain_name", Kind::Text),
    row("domain_id", Kind::Text),
    row("domain_name", Kind::Text),
    row("default_domain_id", Kind::Text),
    row("default_domain_name", Kind::Text),
    row("system_scope", Kind::Text),
    row("trust_id", Kind::Text),
    row("application_credential_id", Kind::Text),
    row("application_credential_name", Kind::Text),
    row("application_credential_secret", Kind::Secret),
];

/// The option `name` of the section `section`, which may be one that the operator named.
pub(super) fn find(section: &str, name: &str) -> Option<&'static Row> {
    let rows = rows(section).unwrap_or_else(|| store_rows().into_iter().chain(LOGIN).collect());
    rows.into_iter().find(|row| row.name == name)
}

/// The options of the section of fixed name `section`; `None` if there is none of that name.
pub(super) fn rows(section: &str) -> Option<Vec<&'static Row>> {
    let (_, own) = SECTIONS.iter().find(|(name, _)| *name == section)?;
    let shared: [&[Row]; 2] = if section == "glance_store" {
        // Without named stores, their options stand here instead of in sections of their own.
        [FILE_STORE, HTTP_STORE]
    } else if LOGIN_SECTIONS.contains(&section) {
        [LOGIN, &[]]
    } else {
        [&[], &[]]
    };
    Some(own.iter().chain(shared.into_iter().flatten()).collect())
}

/// The names of the sections that have a fixed name.
pub(super) fn section_names() -> Vec<&'static str> {
    SECTIONS.iter().map(|(name, _)| *name).collect()
}

/// The options of a store's section.
pub(super) fn store_rows() -> Vec<&'static Row> {
    STORE.iter().chain(FILE_STORE).chain(HTTP_STORE).collect()
}

const DEFAULT: &[Row] = &[
    row("bind_host", Kind::Address),
    row("bind_port", number(1, 65_535)),
    row("public_endpoint", Kind::Url),
    row("enabled_backends", Kind::Pairs),
    row("enabled_import_methods", Kind::BoundedWords),
    row("node_staging_uri", Kind::Text),
    row("default_hashing_algorithm", Kind::Text),
    row("allowed_hashing_algorithms", Kind::Words),
    row("limit_param_default", number(1, 1_000_000)),
    row("api_limit_max", number(1, 1_000_000)),
    row("image_size_cap", number(1, 1 << 63)),
    row("show_image_direct_url", Kind::Switch),
    row("show_multiple_locations", Kind::Switch),
    row("do_secure_hash", Kind::Switch),
    row("http_retries", number(0, 100)),
    row("image_location_quota", QUOTA),
    row("image_member_quota", QUOTA),
    row("image_property_quota", QUOTA),
    row("image_tag_quota", QUOTA),
    row("property_protection_file", Kind::Text),
    row(
        "property_protection_rule_format",
        Kind::Choice(&["roles", "policies"]),
    ),
    row("user_storage_quota", Kind::Size),
    row("delayed_delete", Kind::Switch),
    row("scrub_time", count(0)),
    row("scrub_pool_size", number(1, 1024)),
    row("worker_self_reference_url", Kind::Url),
    row("image_cache_dir", Kind::Text),
    row(
        "image_cache_driver",
        Kind::Choice(&["centralized_db", "sqlite", "xattr"]),
    ),
    row("image_cache_max_size", number(0, i64::MAX as i128)),
    row("image_cache_stall_time", count(0)),
    row("default_publisher_id", Kind::Text),
    row("disabled_notifications", Kind::Words),
    row("control_exchange", Kind::Text),
    row("transport_url", Kind::Transport),
    row("max_request_id_length", number(0, 255)),
    row("client_socket_timeout", count(0)),
    row("graceful_shutdown_timeout", count(0)),
    row("debug", Kind::Switch),
    row("log_file", Kind::Text),
    row("log_dir", Kind::Text),
    row("use_json", Kind::Switch),
    row("allow_anonymous_access", Kind::Switch),
    row("use_keystone_limits", Kind::Switch),
];

const AUTH: &[Row] = &[
    row(
        "strategy",
        Kind::Choice(&["none", "trusted_headers", "keystone"]),
    ),
    row("allow_open_access", Kind::Switch),
    row("trusted_proxies", Kind::Networks),
    row("token_cache_size", number(1, 10_000_000)),
];

const BARBICAN: &[Row] = &[
    row("auth_endpoint", Kind::Url),
    row("barbican_api_version", Kind::Choice(&["v1"])),
    row("barbican_endpoint", Kind::Url),
    row("barbican_endpoint_type", INTERFACES),
    row("barbican_region_name", Kind::Text),
    row("number_of_retries", count(0)),
    row("retry_delay", count(0)),
    row("timeout", number(1, 3600)),
    row("verify_ssl", Kind::Switch),
    row("verify_ssl_path", Kind::Text),
];

const CORS: &[Row] = &[
    row("allowed_origin", Kind::Words),
    row("allow_credentials", Kind::Switch),
    row("allow_headers", Kind::Words),
    row("allow_methods", Kind::Words),
    row("expose_headers", Kind::Words),
    row("max_age", count(0)),
];

const DATABASE: &[Row] = &[
    row("connection", Kind::Connection),
    row("max_pool_size", number(1, 10_000)),
    row("max_overflow", number(0, 10_000)),
    row("pool_timeout", count(1)),
];

const FETCH: &[Row] = &[
    row("allowed_networks", Kind::Networks),
    row("ca_file", Kind::Text),
    row("connect_timeout", count(1)),
    row("idle_timeout", count(1)),
    row("total_timeout", count(1)),
    row("max_redirects", number(0, 100)),
    row("retries", number(0, 100)),
    row("user_agent", Kind::Text),
];

const GLANCE_STORE: &[Row] = &[
    row("default_backend", Kind::Text),
    row("stores", Kind::Words),
    row("default_store", Kind::Choice(WRITABLE_STORE_TYPES)),
];

const HEALTHCHECK: &[Row] = &[
    row("backends", Kind::Words),
    row("disable_by_file_path", Kind::Text),
    row("disable_by_file_paths", Kind::Words),
    row("enable_by_file_paths", Kind::Words),
    row("detailed", Kind::Switch),
    row("allowed_source_ranges", Kind::Networks),
    row("ignore_proxied_requests", Kind::Switch),
];

const JOBS: &[Row] = &[
    row("image_roots", Kind::Repeated),
    row("max_concurrent", number(0, 1024)),
    row("max_queued", number(1, 1_000_000)),
    row("result_time_to_live", number(1, 87_600)),
    row("worker_id", Kind::Text),
    row("worker_pool", Kind::Text),
];

const NOTIFICATIONS: &[Row] = &[
    row("driver", Kind::Repeated),
    row("topics", Kind::Words),
    row("transport_url", Kind::Transport),
];

const RABBIT: &[Row] = &[
    row("amqp_auto_delete", Kind::Switch),
    row("amqp_durable_queues", Kind::Switch),
    row("heartbeat_timeout_threshold", number(0, 65_535)),
    row("rabbit_quorum_queue", Kind::Switch),
    row("ssl", Kind::Switch),
    row("ssl_ca_file", Kind::Text),
    row("ssl_cert_file", Kind::Text),
    row("ssl_key_file", Kind::Text),
];

const OSLO_POLICY: &[Row] = &[
    row("policy_file", Kind::Text),
    row("policy_dirs", Kind::Repeated),
    row("policy_default_rule", Kind::Text),
    row("enforce_new_defaults", Kind::Switch),
    row("enforce_scope", Kind::Switch),
];

const TELEMETRY: &[Row] = &[
    row("log_filter", Kind::Text),
    row("log_format", Kind::Choice(&["text", "json"])),
    row("metrics", Kind::Switch),
    row("metrics_allowed_source_ranges", Kind::Networks),
];

const WORKER: &[Row] = &[
    row("concurrency", number(0, 1024)),
    row("checks", number(0, 1024)),
    row("lease", number(3, 3600)),
    row("max_attempts", number(1, 1000)),
    row("node_timeout", number(60, 2_592_000)),
    row("orphan_interval", number(0, 604_800)),
    row("poll_interval", number(1, 3600)),
];

/// `words` as the value of an option that is a list.
pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A count of things, negative for as many as one likes.
const QUOTA: Kind = number(i32::MIN as i128, i32::MAX as i128);

const fn within(section: &'static str, old: &'static str, new: &'static str) -> Alias {
    Alias {
        old: (section, old),
        new: (section, new),
    }
}
