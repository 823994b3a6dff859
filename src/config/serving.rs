//! How clients reach us, who they are, how much they may have, and what is logged about it.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use figment::value::Value;
use ipnet::IpNet;

use crate::{
    api,
    auth::{Anonymous, KeystoneSettings, Strategy},
    config::{
        check::Check,
        edge, keystone,
        sections::{Fixed, Main, Quotas},
        size,
    },
    service::UnknownSize,
    telemetry,
};

/// How clients reach us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The address that links begin with, without a slash at its end. Unset: as the client says.
    pub public_endpoint: Option<String>,
    /// How long a client may be silent; unset: for ever.
    pub idle_timeout: Option<Duration>,
    /// Whether `Forwarded` and `X-Forwarded-*` are believed.
    pub trusts_proxy_headers: bool,
    /// How many characters of a client's request id are kept.
    pub max_request_id_length: usize,
    /// How long what was begun may take to end once the process is told to stop; unset: for ever.
    pub graceful_shutdown: Option<Duration>,
    /// What web pages of other origins may do; unset: nothing.
    pub cors: Option<Arc<api::Cors>>,
    /// How the health check answers, and whom.
    pub health: api::Health,
    /// Whether answers are compressed.
    pub compression: api::Compression,
    /// The networks that figures are told to; empty: none are kept.
    pub metrics: Vec<IpNet>,
}

/// How callers prove who they are.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Not at all.
    None,
    /// Proxies in these networks say it in headers.
    TrustedHeaders(Vec<IpNet>),
    /// By tokens of Keystone's.
    Keystone {
        /// How tokens are judged.
        settings: Box<KeystoneSettings>,
        /// What becomes of who brings no token.
        anonymous: Anonymous,
    },
}

/// How much a user may have, and how much one answer holds. A quota that is unset has no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Items of a page if the client does not say.
    pub page_default: u32,
    /// Items of a page at most.
    pub page_max: u32,
    /// Bytes of an image.
    pub image_size: u64,
    /// Members of an image.
    pub members: Option<u64>,
    /// Properties of an image.
    pub properties: Option<u64>,
    /// Tags of an image.
    pub tags: Option<u64>,
    /// Bytes in stores of each owner of images.
    pub storage: Option<u64>,
    /// What becomes of data of unknown size that pass a unified limit.
    pub unknown_size: UnknownSize,
}

/// Where the log goes, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// What is logged, and how.
    pub settings: telemetry::Settings,
    /// The file it is appended to; unset: standard error.
    pub file: Option<PathBuf>,
}

/// How clients reach us. Noted in `check`: what makes no sense at the edge.
pub(super) fn server(check: &mut Check<'_>, fixed: &Fixed) -> Server {
    let main = &fixed.main;
    // Zero seconds stand for ever.
    let limit = |seconds: u64| (seconds > 0).then(|| Duration::from_secs(seconds));
    let endpoint = main.public_endpoint.as_deref();
    Server {
        listen: SocketAddr::new(main.bind_host, main.bind_port),
        public_endpoint: endpoint.map(|url| url.trim_end_matches('/').to_owned()),
        idle_timeout: limit(main.client_socket_timeout),
        trusts_proxy_headers: fixed.oslo_middleware.enable_proxy_headers_parsing,
        max_request_id_length: main.max_request_id_length,
        graceful_shutdown: limit(main.graceful_shutdown_timeout),
        cors: edge::cors(check, &fixed.cors).map(Arc::new),
        health: edge::health(check, &fixed.healthcheck, main.bind_port),
        compression: edge::compression(&fixed.compression),
        metrics: edge::metrics(&fixed.telemetry),
    }
}

/// The strategy in force: what the operator says, else what the flavor of the pipeline means.
pub(super) fn strategy(fixed: &Fixed) -> Strategy {
    let flavor = fixed.paste_deploy.flavor.as_deref().unwrap_or_default();
    let is_keystone = flavor.split('+').any(|part| part.starts_with("keystone"));
    let implied = if is_keystone {
        Strategy::Keystone
    } else {
        Strategy::None
    };
    fixed.auth.strategy.unwrap_or(implied)
}

/// How callers prove who they are; `None`, with the faults noted in `check`, if they cannot.
/// Noted as well: what would let everybody on the network be an administrator.
pub(super) fn auth(check: &mut Check<'_>, fixed: &Fixed, server: &Server) -> Option<Auth> {
    let is_unsure =
        check.is_refused("auth", "strategy") || check.is_refused("DEFAULT", "bind_host");
    match strategy(fixed) {
        Strategy::TrustedHeaders => Some(Auth::TrustedHeaders(fixed.auth.trusted_proxies.clone())),
        Strategy::Keystone => Some(Auth::Keystone {
            settings: Box::new(keystone::tokens(check, fixed)?),
            anonymous: if fixed.main.allow_anonymous_access {
                Anonymous::Reads
            } else {
                Anonymous::Refused
            },
        }),
        Strategy::None => {
            let is_open = !server.listen.ip().to_canonical().is_loopback();
            if is_open && !fixed.auth.allow_open_access && !is_unsure {
                check.refuse(
                    "DEFAULT",
                    "bind_host",
                    "a loopback address, 127.0.0.1 or ::1, because with [auth] strategy = none \
                     everybody is an administrator; any other with [auth] allow_open_access = true",
                );
            }
            Some(Auth::None)
        }
    }
}

/// `strategy` as the value of its option.
#[expect(
    clippy::expect_used,
    reason = "a strategy is a word, and every word is a value"
)]
pub(super) fn value_of(strategy: Strategy) -> Value {
    Value::serialize(strategy).expect("a word can be written")
}

pub(super) fn limits(main: &Main, quotas: &Quotas) -> Limits {
    // A negative quota is no limit.
    let quota = |quota: i64| u64::try_from(quota).ok();
    Limits {
        page_default: main.limit_param_default,
        page_max: main.api_limit_max,
        image_size: main.image_size_cap,
        members: quota(main.image_member_quota),
        properties: quota(main.image_property_quota),
        tags: quota(main.image_tag_quota),
        // 0 is no limit.
        storage: size::bytes(&main.user_storage_quota).filter(|most| *most > 0),
        unknown_size: if quotas.strict_sizes {
            UnknownSize::CutOff
        } else {
            UnknownSize::MayExceed
        },
    }
}

/// The log as Glance's options and our own describe it together; our own win.
pub(super) fn log(check: &mut Check<'_>, fixed: &Fixed) -> Log {
    let mut settings = fixed.telemetry.clone();
    if let Err(error) = telemetry::check_filter(&settings.log_filter) {
        check.refuse("telemetry", "log_filter", error.to_string());
    }
    let is_given = |option| check.effective.is_given("telemetry", option);
    if fixed.main.debug && !is_given("log_filter") {
        settings.log_filter = "info,hallmark=debug".into();
    }
    if fixed.main.use_json && !is_given("log_format") {
        settings.log_format = telemetry::Format::Json;
    }
    let name = fixed.main.log_file.clone();
    let file = match &fixed.main.log_dir {
        Some(folder) => Some(folder.join(name.unwrap_or_else(|| "hallmark.log".into()))),
        None => name,
    };
    Log { settings, file }
}
