//! `[telemetry]`: what is told to the operator.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Settings of the log, which goes to standard error, and of the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log_filter: String,
    /// How a line looks.
    pub log_format: Format,
    /// Whether figures are kept.
    pub metrics: bool,
    /// The networks that the figures are told to.
    pub metrics_allowed_source_ranges: Vec<IpNet>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            log_filter: "info".into(),
            log_format: Format::Text,
            metrics: true,
            metrics_allowed_source_ranges: vec![
                Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8).into(),
                Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128).into(),
            ],
        }
    }
}
