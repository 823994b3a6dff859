//! What stands between clients and the API: sharing with web pages, health, figures,
//! compression.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{
    api::{self, CorsError, Credentials, Detail, HealthCheck, Proxied, Sharing},
    config::{check::Check, options::words},
    telemetry,
};

const BY_FILE: &str = "disable_by_file";
const BY_FILES_PORTS: &str = "disable_by_files_ports";
const BY_FILES: &str = "enable_by_files";

/// The checks that `[healthcheck] backends` may name.
const BACKENDS: &[&str] = &[BY_FILE, BY_FILES_PORTS, BY_FILES];

/// `[compression]`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Compression {
    pub gzip: bool,
}

/// `[cors]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cors {
    pub allowed_origin: Vec<String>,
    pub allow_credentials: bool,
    pub allow_headers: Vec<String>,
    pub allow_methods: Vec<String>,
    pub expose_headers: Vec<String>,
    /// In seconds.
    pub max_age: u32,
}

impl Default for Cors {
    fn default() -> Self {
        Self {
            allowed_origin: Vec::new(),
            allow_credentials: true,
            allow_headers: words(&[
                "Content-MD5",
                "X-Image-Meta-Checksum",
                "X-Storage-Token",
                "Accept-Encoding",
                "X-Auth-Token",
                "X-Identity-Status",
                "X-Roles",
                "X-Service-Catalog",
                "X-User-Id",
                "X-Tenant-Id",
                "X-OpenStack-Request-ID",
            ]),
            allow_methods: words(&["GET", "PUT", "POST", "DELETE", "PATCH"]),
            expose_headers: words(&[
                "X-Image-Meta-Checksum",
                "X-Auth-Token",
                "X-Subject-Token",
                "X-Service-Token",
                "X-OpenStack-Request-ID",
            ]),
            max_age: 3600,
        }
    }
}

/// `[healthcheck]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Healthcheck {
    pub backends: Vec<String>,
    pub disable_by_file_path: Option<PathBuf>,
    pub disable_by_file_paths: Vec<String>,
    pub enable_by_file_paths: Vec<PathBuf>,
    pub detailed: bool,
    pub allowed_source_ranges: Vec<IpNet>,
    pub ignore_proxied_requests: bool,
}

impl Default for Healthcheck {
    fn default() -> Self {
        Self {
            backends: words(&[BY_FILE]),
            disable_by_file_path: Some("/etc/glance/healthcheck_disable".into()),
            disable_by_file_paths: Vec::new(),
            enable_by_file_paths: Vec::new(),
            detailed: false,
            allowed_source_ranges: Vec::new(),
            ignore_proxied_requests: false,
        }
    }
}

/// Whether answers are compressed.
pub(super) const fn compression(section: &Compression) -> api::Compression {
    if section.gzip {
        api::Compression::Gzip
    } else {
        api::Compression::Off
    }
}

/// The networks that figures are told to; empty if none are kept.
pub(super) fn metrics(section: &telemetry::Settings) -> Vec<IpNet> {
    if section.metrics {
        section.metrics_allowed_source_ranges.clone()
    } else {
        Vec::new()
    }
}

/// What web pages of other origins may do; noted in `check`: what no browser could match.
pub(super) fn cors(check: &mut Check<'_>, section: &Cors) -> Option<api::Cors> {
    let sharing = Sharing {
        origins: &section.allowed_origin,
        methods: &section.allow_methods,
        headers: &section.allow_headers,
        exposed: &section.expose_headers,
        max_age: section.max_age,
        credentials: if section.allow_credentials {
            Credentials::Allowed
        } else {
            Credentials::Refused
        },
    };
    api::Cors::new(&sharing).unwrap_or_else(|error| {
        let option = match error {
            CorsError::Origin => "allowed_origin",
            CorsError::Method => "allow_methods",
            CorsError::Header => "allow_headers",
            CorsError::Exposed => "expose_headers",
        };
        check.refuse("cors", option, error.to_string());
        None
    })
}

/// How a process that listens on `port` tells its health; noted in `check`: checks that there are
/// none of or that contradict each other.
pub(super) fn health(check: &mut Check<'_>, section: &Healthcheck, port: u16) -> api::Health {
    let place = ("healthcheck", "backends");
    let names = check.available(place, &section.backends, BACKENDS, &[]);
    if names.contains(&BY_FILE) && names.contains(&BY_FILES) {
        check.refuse(place.0, place.1, "one of disable_by_file, enable_by_files");
    }
    let of_port = file_of_port(check, &section.disable_by_file_paths, port);
    let checks = names.into_iter().map(|name| match name {
        BY_FILES_PORTS => HealthCheck::DisableByFilesPorts(of_port.clone()),
        BY_FILES => HealthCheck::EnableByFiles(section.enable_by_file_paths.clone()),
        _ => HealthCheck::DisableByFile(section.disable_by_file_path.clone()),
    });
    api::Health {
        checks: checks.collect(),
        detail: if section.detailed {
            Detail::Files
        } else {
            Detail::Reasons
        },
        sources: section.allowed_source_ranges.clone(),
        proxied: if section.ignore_proxied_requests {
            Proxied::Ignored
        } else {
            Proxied::Answered
        },
    }
}

/// The file of `port` among `paths`, each `port:path`; of a port that comes twice, the last.
fn file_of_port(check: &mut Check<'_>, paths: &[String], port: u16) -> Option<PathBuf> {
    let pair = |text: &str| {
        let (port, path) = text.split_once(':')?;
        let port: u16 = port.trim().parse().ok()?;
        (!path.is_empty()).then(|| (port, PathBuf::from(path)))
    };
    let Some(pairs) = paths
        .iter()
        .map(|text| pair(text))
        .collect::<Option<Vec<_>>>()
    else {
        check.refuse(
            "healthcheck",
            "disable_by_file_paths",
            "PORT:PATH for each port",
        );
        return None;
    };
    let mut of_port = pairs.into_iter().rev().filter(|(own, _)| *own == port);
    of_port.next().map(|(_, path)| path)
}
