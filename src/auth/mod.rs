//! Who the caller of a request is.

mod headers;
mod settings;

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

pub use self::settings::*;
use crate::domain::Caller;

/// A way to establish who a caller is.
#[derive(Debug, Clone)]
pub enum Authenticator {
    /// Everybody is an administrator.
    None,
    /// A proxy says it in headers.
    TrustedHeaders(TrustedProxies),
}

/// The networks whose identity headers are believed.
#[derive(Debug, Clone)]
pub struct TrustedProxies(Vec<IpNet>);

/// Why it is not known who the caller is. Nothing of what was sent is in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// The request does not come from a trusted proxy, so its identity headers count for nothing.
    #[error("{0} is not a trusted proxy")]
    UntrustedPeer(IpAddr),
    /// The proxy does not confirm the identity.
    #[error("the identity is not confirmed")]
    NotConfirmed,
    /// A header is there twice, or under two names with different values: somebody may have
    /// slipped one past the proxy.
    #[error("the identity header {0} is ambiguous")]
    Ambiguous(&'static str),
    /// A header is too long, or has signs that no identity has.
    #[error("the identity header {0} is malformed")]
    Malformed(&'static str),
}

impl Authenticator {
    /// The authenticator of `strategy`. Only `trusted_headers` looks at `trusted_proxies`.
    #[must_use]
    pub fn new(strategy: Strategy, trusted_proxies: Vec<IpNet>) -> Self {
        match strategy {
            Strategy::None => Self::None,
            Strategy::TrustedHeaders => Self::TrustedHeaders(TrustedProxies(trusted_proxies)),
        }
    }

    /// Who sent the request `request_id` with `headers` over the connection from `peer`.
    ///
    /// # Errors
    ///
    /// [`Unauthenticated`] if that is not known.
    pub fn authenticate(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
        request_id: String,
    ) -> Result<Caller, Unauthenticated> {
        match self {
            Self::None => Ok(Caller::unauthenticated(request_id)),
            Self::TrustedHeaders(proxies) => {
                proxies.check(peer)?;
                headers::caller(headers, request_id)
            }
        }
    }
}

impl TrustedProxies {
    /// An IPv4 address that an IPv6 socket shows (`::ffff:192.0.2.1`) is the IPv4 address.
    fn check(&self, peer: IpAddr) -> Result<(), Unauthenticated> {
        let peer = peer.to_canonical();
        if self.0.iter().any(|network| network.contains(&peer)) {
            Ok(())
        } else {
            Err(Unauthenticated::UntrustedPeer(peer))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confirmed() -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-identity-status",
            http::HeaderValue::from_static("Confirmed"),
        );
        headers.insert("x-user-id", http::HeaderValue::from_static("u1"));
        headers.insert("x-roles", http::HeaderValue::from_static("admin"));
        headers
    }

    fn ask(authenticator: &Authenticator, peer: &str) -> Result<Caller, Unauthenticated> {
        let peer = peer.parse().expect("an address");
        authenticator.authenticate(peer, &confirmed(), "req-1".into())
    }

    #[test]
    fn without_authentication_headers_mean_nothing() {
        let caller = ask(&Authenticator::new(Strategy::None, vec![]), "192.0.2.1");
        assert_eq!(caller, Ok(Caller::unauthenticated("req-1".into())));
    }

    #[test]
    fn headers_are_believed_from_trusted_proxies_only() {
        let networks = vec!["10.0.0.0/8".parse().expect("a network")];
        let authenticator = Authenticator::new(Strategy::TrustedHeaders, networks);
        for peer in ["10.1.2.3", "::ffff:10.1.2.3"] {
            let caller = ask(&authenticator, peer).expect(peer);
            assert_eq!(caller.user_id.as_deref(), Some("u1"));
        }
        for peer in [
            "127.0.0.1",
            "192.0.2.1",
            "::1",
            "::ffff:192.0.2.1",
            "::a00:1",
        ] {
            let error = ask(&authenticator, peer).expect_err(peer);
            assert!(matches!(error, Unauthenticated::UntrustedPeer(_)), "{peer}");
        }
    }

    #[test]
    fn by_default_only_the_machine_itself_is_trusted() {
        let networks = Settings::default().trusted_proxies;
        assert_eq!(networks.len(), 2);
        let authenticator = Authenticator::new(Strategy::TrustedHeaders, networks);
        assert!(ask(&authenticator, "127.0.0.1").is_ok());
        assert!(ask(&authenticator, "::1").is_ok());
        assert!(ask(&authenticator, "10.0.0.1").is_err());
    }
}
