//! Which URIs may be fetched: the operator's lists.

use std::{borrow::Borrow, net::IpAddr};

use reqwest::Url;

use crate::fetch::{
    CheckedUrl, FetchError, FilterSettings, Refused, Settings, guard::Guard, uri, uri::host_of,
};

/// The whole filter: what may be written, and what may be connected to.
#[derive(Debug)]
pub(super) struct Filter {
    schemes: Lists<String>,
    hosts: Lists<String>,
    ports: Lists<u16>,
    guard: Guard,
}

impl Filter {
    pub(super) fn new(settings: &Settings, lists: &FilterSettings) -> Self {
        let hosts = Lists {
            allowed: lists
                .allowed_hosts
                .iter()
                .map(|host| plain_host(host))
                .collect(),
            denied: lists
                .disallowed_hosts
                .iter()
                .map(|host| plain_host(host))
                .collect(),
        };
        let denied = hosts.denied.iter().filter_map(|host| host.parse().ok());
        let guard = Guard::new(settings.allowed_networks.clone(), denied);
        Self {
            schemes: Lists {
                allowed: lower(&lists.allowed_schemes),
                denied: lower(&lists.disallowed_schemes),
            },
            ports: Lists {
                allowed: lists.allowed_ports.clone(),
                denied: lists.disallowed_ports.clone(),
            },
            hosts,
            guard,
        }
    }

    /// Passes `text` through every rule that needs no lookup.
    pub(super) fn check(&self, text: &str) -> Result<CheckedUrl, Refused> {
        let (scheme, _) = uri::split_scheme(text)?;
        if !["http", "https"].contains(&&*scheme) || !self.schemes.permits(&*scheme) {
            return Err(Refused::Scheme(scheme));
        }
        let url = uri::parse(text)?;
        let host = host_of(&url);
        if !self.hosts.permits(host) {
            return Err(Refused::HostDenied(host.into()));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !self.ports.permits(&port) {
            return Err(Refused::Port(port));
        }
        match host.parse() {
            Ok(address) if !self.permits(host, address) => Err(Refused::Closed),
            _ => Ok(CheckedUrl::new(url)),
        }
    }

    /// Passes the target of a redirect from `from` through every rule that needs no lookup.
    ///
    /// An absolute target is judged as the server wrote it; its fragment is never sent, and so
    /// is dropped. https may go on to http: we send nothing that is secret.
    pub(super) fn follow(
        &self,
        from: &CheckedUrl,
        location: &str,
    ) -> Result<CheckedUrl, FetchError> {
        let location = location.trim().split('#').next().unwrap_or_default();
        let base = from.as_url();
        let scheme = location.split(':').next().unwrap_or_default();
        let target = if let Some(rest) = location.strip_prefix("//") {
            format!("{}://{rest}", base.scheme())
        } else if scheme.len() < location.len() && uri::is_scheme(scheme) {
            location.into()
        } else {
            let joined = base.join(location).map_err(|_| FetchError::Redirect)?;
            without_fragment(joined).into()
        };
        Ok(self.check(&target)?)
    }

    /// Tells whether `host`, as it was written, may be reached at `address`.
    pub(super) fn permits(&self, host: &str, address: IpAddr) -> bool {
        self.hosts.names(host) || self.guard.permits(address)
    }
}

/// An allow list and a deny list. A non-empty allow list wins, and the deny list is not looked at.
#[derive(Debug)]
struct Lists<T> {
    allowed: Vec<T>,
    denied: Vec<T>,
}

impl<T> Lists<T> {
    fn permits<Q>(&self, value: &Q) -> bool
    where
        Q: PartialEq + ?Sized,
        T: Borrow<Q>,
    {
        if self.allowed.is_empty() {
            !self.denied.iter().any(|denied| denied.borrow() == value)
        } else {
            self.names(value)
        }
    }

    /// Tells whether the allow list names `value`.
    fn names<Q>(&self, value: &Q) -> bool
    where
        Q: PartialEq + ?Sized,
        T: Borrow<Q>,
    {
        self.allowed.iter().any(|allowed| allowed.borrow() == value)
    }
}

fn lower(list: &[String]) -> Vec<String> {
    list.iter().map(|item| item.to_ascii_lowercase()).collect()
}

/// A host of the operator's lists as [`host_of`] writes it.
fn plain_host(host: &str) -> String {
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    let bracketed = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.clone()
    };
    Url::parse(&format!("http://{bracketed}/")).map_or(host, |url| host_of(&url).into())
}

fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}
