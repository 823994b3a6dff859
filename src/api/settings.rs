//! What the API is told at the start.

use std::{sync::Arc, time::Duration};

use ipnet::IpNet;

use crate::api::{checks::Health, compression::Compression, cors::Cors};

/// Whether `Forwarded` and `X-Forwarded-*` are believed, for links and for the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProxyHeaders {
    /// They are not: anybody could send them.
    #[default]
    Ignored,
    /// They are: a proxy in front sets them.
    Believed,
}

/// Settings of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many images a page of a list has unless the client says it.
    pub limit_param_default: u32,
    /// How many images a page of a list has at most.
    pub api_limit_max: u32,
    /// The address under which clients reach the API, without a version; none: the one they used.
    pub public_endpoint: Option<String>,
    /// The most bytes a client's own request id may have.
    pub max_request_id_length: usize,
    /// How long a client may be silent while its body arrives; none: any time.
    pub client_socket_timeout: Option<Duration>,
    /// How the health check answers, and whom.
    pub health: Health,
    /// Whether the headers of a proxy are believed.
    pub proxy_headers: ProxyHeaders,
    /// What web pages of other origins may do; none: nothing.
    pub cors: Option<Arc<Cors>>,
    /// Whether answers are compressed.
    pub compression: Compression,
    /// The networks that figures are told to; empty: nobody.
    pub metrics: Vec<IpNet>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limit_param_default: 25,
            api_limit_max: 1000,
            public_endpoint: None,
            max_request_id_length: 64,
            client_socket_timeout: Some(Duration::from_mins(15)),
            health: Health::default(),
            proxy_headers: ProxyHeaders::Ignored,
            cors: None,
            compression: Compression::Off,
            metrics: Vec::new(),
        }
    }
}
