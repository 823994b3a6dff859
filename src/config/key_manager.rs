//! The sections of the key manager, as they stand in a file.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[key_manager]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyManager {
    pub backend: String,
}

impl Default for KeyManager {
    fn default() -> Self {
        Self {
            backend: "barbican".into(),
        }
    }
}

/// `[barbican]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_field_names,
    reason = "each has the name that it has in the operator's file"
)]
pub(super) struct Barbican {
    pub auth_endpoint: String,
    pub barbican_api_version: Option<String>,
    pub barbican_endpoint: Option<String>,
    pub barbican_endpoint_type: String,
    pub barbican_region_name: Option<String>,
    pub number_of_retries: u32,
    /// In seconds.
    pub retry_delay: u32,
    /// In seconds.
    pub timeout: Option<u64>,
    pub verify_ssl: bool,
    pub verify_ssl_path: Option<PathBuf>,
}

impl Default for Barbican {
    fn default() -> Self {
        Self {
            auth_endpoint: "http://localhost/identity/v3".into(),
            barbican_api_version: None,
            barbican_endpoint: None,
            barbican_endpoint_type: "public".into(),
            barbican_region_name: None,
            number_of_retries: 60,
            retry_delay: 1,
            timeout: None,
            verify_ssl: true,
            verify_ssl_path: None,
        }
    }
}
