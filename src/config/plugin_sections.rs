//! The sections of the plugins of imports, as they stand in a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::options::words;

/// `[image_import_opts]`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageImport {
    pub image_import_plugins: Vec<String>,
}

/// `[inject_metadata_properties]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InjectMetadata {
    pub inject: Option<BTreeMap<String, String>>,
    pub ignore_user_roles: Vec<String>,
}

impl Default for InjectMetadata {
    fn default() -> Self {
        Self {
            inject: None,
            ignore_user_roles: words(&["admin"]),
        }
    }
}

/// `[glance_download_properties]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GlanceDownload {
    pub extra_properties: Vec<String>,
}

impl Default for GlanceDownload {
    fn default() -> Self {
        Self {
            extra_properties: words(&["hw_", "trait:", "os_distro", "os_secure_boot", "os_type"]),
        }
    }
}

/// `[image_decompression]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageDecompression {
    /// 0: any.
    pub max_ratio: u64,
}

impl Default for ImageDecompression {
    fn default() -> Self {
        Self { max_ratio: 250 }
    }
}

/// `[image_conversion]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageConversion {
    pub output_format: String,
    /// In MiB.
    pub max_memory: u64,
    /// In seconds.
    pub max_cpu_time: u64,
    /// In seconds.
    pub max_time: u64,
}

impl Default for ImageConversion {
    fn default() -> Self {
        Self {
            output_format: "raw".into(),
            max_memory: 1024,
            max_cpu_time: 3600,
            max_time: 7200,
        }
    }
}
