//! The options of the sections about Keystone.

use crate::config::{
    kind::Kind,
    row::{Row, number, row},
};

/// For whom an endpoint of the catalog is.
pub(super) const INTERFACES: Kind = Kind::Choice(&[
    "public",
    "publicURL",
    "internal",
    "internalURL",
    "admin",
    "adminURL",
]);

/// `[keystone_authtoken]`, without how to log in.
pub(super) const KEYSTONE_AUTHTOKEN: &[Row] = &[
    row("www_authenticate_uri", Kind::Url),
    row("auth_section", Kind::Text),
    row("auth_version", Kind::Choice(&["v3", "v3.0", "3", "3.0"])),
    row("interface", INTERFACES),
    row("region_name", Kind::Text),
    row("cafile", Kind::Text),
    row("certfile", Kind::Text),
    row("keyfile", Kind::Text),
    row("insecure", Kind::Switch),
    row("http_connect_timeout", number(1, 3600)),
    row("http_request_max_retries", number(0, 100)),
    row("token_cache_time", number(-1, 86_400)),
    row("include_service_catalog", Kind::Switch),
    row("service_token_roles", Kind::Words),
    row("service_token_roles_required", Kind::Switch),
    row("service_type", Kind::Text),
    row("delay_auth_decision", Kind::Switch),
    row(
        "enforce_token_bind",
        Kind::Choice(&["disabled", "permissive"]),
    ),
    row("cache", Kind::Text),
    row("memcached_servers", Kind::Words),
    row("memcache_security_strategy", Kind::Text),
    row("memcache_secret_key", Kind::Secret),
];

/// `[oslo_limit]`, without how to log in.
pub(super) const OSLO_LIMIT: &[Row] = &[
    row("endpoint_id", Kind::Text),
    row("endpoint_service_type", Kind::Text),
    row("endpoint_service_name", Kind::Text),
    row("endpoint_region_name", Kind::Text),
    row("endpoint_interface", INTERFACES),
    row("auth_section", Kind::Text),
    row("valid_interfaces", Kind::Words),
    row("region_name", Kind::Text),
    row("cafile", Kind::Text),
    row("certfile", Kind::Text),
    row("keyfile", Kind::Text),
    row("insecure", Kind::Switch),
    row("timeout", number(1, 3600)),
];
