//! `[auth]`: how callers prove who they are.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// How callers prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Not at all: everybody is an administrator.
    None,
    /// A proxy that we trust says it in headers.
    TrustedHeaders,
    /// By a token of Keystone's.
    Keystone,
}

/// Settings of authentication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The strategy. Unset: what `[paste_deploy] flavor` says, else `none`.
    pub strategy: Option<Strategy>,
    /// With `none`: whether to listen beyond the loopback all the same.
    pub allow_open_access: bool,
    /// Networks, as CIDR, whose identity headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// With `keystone`: how many tokens are remembered at most.
    pub token_cache_size: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            strategy: None,
            allow_open_access: false,
            trusted_proxies: ["127.0.0.0/8", "::1/128"]
                .iter()
                .filter_map(|network| network.parse().ok())
                .collect(),
            token_cache_size: 10_000,
        }
    }
}
