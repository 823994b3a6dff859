//! The sections that say how Keystone is asked, as they stand in a file.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};

/// A secret is written as if it were not set.
fn unset<T, S: Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_none()
}

/// `[keystone_authtoken]`, without the options of the login.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the operator's, by the name it has in the file"
)]
pub(super) struct KeystoneAuthtoken {
    pub www_authenticate_uri: Option<String>,
    pub auth_section: Option<String>,
    pub auth_version: Option<String>,
    pub interface: String,
    pub region_name: Option<String>,
    pub cafile: Option<PathBuf>,
    pub certfile: Option<PathBuf>,
    pub keyfile: Option<PathBuf>,
    pub insecure: bool,
    /// In seconds.
    pub http_connect_timeout: Option<u64>,
    pub http_request_max_retries: u32,
    /// In seconds; -1: no cache.
    pub token_cache_time: i64,
    pub include_service_catalog: bool,
    pub service_token_roles: Vec<String>,
    pub service_token_roles_required: bool,
    pub service_type: Option<String>,
    pub delay_auth_decision: bool,
    pub enforce_token_bind: String,
    pub cache: Option<String>,
    pub memcached_servers: Option<Vec<String>>,
    pub memcache_security_strategy: Option<String>,
    #[serde(serialize_with = "unset")]
    pub memcache_secret_key: Option<SecretString>,
}

impl Default for KeystoneAuthtoken {
    fn default() -> Self {
        Self {
            www_authenticate_uri: None,
            auth_section: None,
            auth_version: None,
            interface: "internal".into(),
            region_name: None,
            cafile: None,
            certfile: None,
            keyfile: None,
            insecure: false,
            http_connect_timeout: None,
            http_request_max_retries: 3,
            token_cache_time: 300,
            include_service_catalog: true,
            service_token_roles: vec!["service".into()],
            service_token_roles_required: true,
            service_type: None,
            delay_auth_decision: false,
            enforce_token_bind: "permissive".into(),
            cache: None,
            memcached_servers: None,
            memcache_security_strategy: None,
            memcache_secret_key: None,
        }
    }
}

/// `[oslo_limit]`, without the options of the login.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OsloLimit {
    pub endpoint_id: Option<String>,
    pub endpoint_service_type: Option<String>,
    pub endpoint_service_name: Option<String>,
    pub endpoint_region_name: Option<String>,
    pub endpoint_interface: String,
    pub auth_section: Option<String>,
    pub valid_interfaces: Vec<String>,
    pub region_name: Option<String>,
    pub cafile: Option<PathBuf>,
    pub certfile: Option<PathBuf>,
    pub keyfile: Option<PathBuf>,
    pub insecure: bool,
    /// In seconds.
    pub timeout: Option<u64>,
}

impl Default for OsloLimit {
    fn default() -> Self {
        Self {
            endpoint_id: None,
            endpoint_service_type: None,
            endpoint_service_name: None,
            endpoint_region_name: None,
            endpoint_interface: "public".into(),
            auth_section: None,
            valid_interfaces: vec!["internal".into(), "public".into()],
            region_name: None,
            cafile: None,
            certfile: None,
            keyfile: None,
            insecure: false,
            timeout: None,
        }
    }
}
