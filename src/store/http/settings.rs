//! Settings of an http store, in the section named by the store's id.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Settings of one http store, by Glance's names. What may be fetched, and how, is the same for
/// everything that is fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A file of PEM certificates to trust besides the system's, in place of that of `[fetch]`.
    pub https_ca_certificates_file: Option<PathBuf>,
    /// Has no effect: certificates are always verified.
    pub https_insecure: bool,
    /// Has no effect: no proxy is used.
    pub http_proxy_information: Option<BTreeMap<String, String>>,
}
