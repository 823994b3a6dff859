//! `[fetch]` and `[import_filtering_opts]`: what may be fetched, and how.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Settings of outgoing requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Networks, as CIDR, that may be reached although they are closed by default (loopback,
    /// private, link-local and the like).
    pub allowed_networks: Vec<IpNet>,
    /// A file of PEM certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Seconds to wait for a connection.
    pub connect_timeout: u64,
    /// Seconds to wait for the next bytes.
    pub idle_timeout: u64,
    /// Seconds a whole download may take.
    pub total_timeout: u64,
    /// How many redirects are followed.
    pub max_redirects: u32,
    /// How often a broken download is resumed.
    pub retries: u32,
    /// The `User-Agent` header.
    pub user_agent: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allowed_networks: Vec::new(),
            ca_file: None,
            connect_timeout: 10,
            idle_timeout: 60,
            total_timeout: 6 * 60 * 60,
            max_redirects: 5,
            retries: 5,
            user_agent: concat!("hallmark/", env!("CARGO_PKG_VERSION")).into(),
        }
    }
}

/// Glance's lists of what may be fetched. Of each kind a non-empty allow list wins, and the
/// deny list is then not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilterSettings {
    /// Schemes that may be used.
    pub allowed_schemes: Vec<String>,
    /// Schemes that may not.
    pub disallowed_schemes: Vec<String>,
    /// Hosts that may be reached, whatever their address.
    pub allowed_hosts: Vec<String>,
    /// Hosts that may not.
    pub disallowed_hosts: Vec<String>,
    /// Ports that may be used; empty: any.
    pub allowed_ports: Vec<u16>,
    /// Ports that may not.
    pub disallowed_ports: Vec<u16>,
}

impl Default for FilterSettings {
    fn default() -> Self {
        Self {
            allowed_schemes: vec!["http".into(), "https".into()],
            disallowed_schemes: Vec::new(),
            allowed_hosts: Vec::new(),
            disallowed_hosts: Vec::new(),
            allowed_ports: vec![80, 443],
            disallowed_ports: Vec::new(),
        }
    }
}
