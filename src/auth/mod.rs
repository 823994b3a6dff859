//! Who the caller of a request is.

mod catalog;
mod headers;
mod keystone;
mod settings;
mod token_header;

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, HeaderValue, Method};
use ipnet::IpNet;

pub use self::{
    keystone::{Anonymous, CacheSettings, Keystone, KeystoneSettings, ServiceTokenRoles},
    settings::*,
};
use crate::{domain::Caller, keystone::KeystoneError};

/// A way to establish who a caller is.
#[derive(Debug, Clone)]
pub enum Authenticator {
    /// Everybody is an administrator.
    None,
    /// A proxy says it in headers.
    TrustedHeaders(TrustedProxies),
    /// Keystone says it of the token they bring.
    Keystone(Keystone),
}

/// A request, as far as it tells who sends it.
#[derive(Debug)]
pub struct Request<'a> {
    /// The address at the other end of the connection.
    pub peer: IpAddr,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its method.
    pub method: &'a Method,
    /// Its path, as the routes know it.
    pub path: &'a str,
    /// Its id.
    pub request_id: String,
}

/// Why a request has no caller.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthError {
    /// It does not prove who sends it.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// Nobody can tell at the moment.
    #[error("it cannot be found out whose token this is")]
    Keystone(#[source] Arc<KeystoneError>),
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
    /// There is no token.
    #[error("there is no token")]
    NoToken,
    /// Keystone does not know the token, or it has expired.
    #[error("the token is not valid")]
    InvalidToken,
    /// The token belongs to an application credential whose access rules do not allow this.
    #[error("the access rules of the token do not allow this request")]
    NotAllowed,
}

impl Authenticator {
    /// An authenticator that believes the headers of the proxies in `networks`.
    #[must_use]
    pub const fn trusting(networks: Vec<IpNet>) -> Self {
        Self::TrustedHeaders(TrustedProxies(networks))
    }

    /// Who sent `request`.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if that is not known.
    pub async fn authenticate(&self, request: Request<'_>) -> Result<Caller, AuthError> {
        match self {
            Self::None => Ok(Caller::unauthenticated(request.request_id)),
            Self::TrustedHeaders(proxies) => {
                proxies.check(request.peer)?;
                Ok(headers::caller(request.headers, request.request_id)?)
            }
            Self::Keystone(keystone) => keystone.authenticate(request).await,
        }
    }

    /// What `WWW-Authenticate` tells those who are refused, if there is something to tell.
    #[must_use]
    pub fn challenge(&self) -> Option<&HeaderValue> {
        match self {
            Self::None | Self::TrustedHeaders(_) => None,
            Self::Keystone(keystone) => Some(keystone.challenge()),
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

    async fn ask(authenticator: &Authenticator, peer: &str) -> Result<Caller, Unauthenticated> {
        let request = Request {
            peer: peer.parse().expect("an address"),
            headers: &confirmed(),
            method: &Method::GET,
            path: "/v2/images",
            request_id: "req-1".into(),
        };
        match authenticator.authenticate(request).await {
            Ok(caller) => Ok(caller),
            Err(AuthError::Unauthenticated(reason)) => Err(reason),
            Err(AuthError::Keystone(error)) => panic!("{error}"),
        }
    }

    #[tokio::test]
    async fn without_authentication_headers_mean_nothing() {
        let caller = ask(&Authenticator::None, "192.0.2.1").await;
        assert_eq!(caller, Ok(Caller::unauthenticated("req-1".into())));
    }

    #[tokio::test]
    async fn headers_are_believed_from_trusted_proxies_only() {
        let networks = vec!["10.0.0.0/8".parse().expect("a network")];
        let authenticator = Authenticator::trusting(networks);
        for peer in ["10.1.2.3", "::ffff:10.1.2.3"] {
            let caller = ask(&authenticator, peer).await.expect(peer);
            assert_eq!(caller.user_id.as_deref(), Some("u1"));
        }
        for peer in [
            "127.0.0.1",
            "192.0.2.1",
            "::1",
            "::ffff:192.0.2.1",
            "::a00:1",
        ] {
            let error = ask(&authenticator, peer).await.expect_err(peer);
            assert!(matches!(error, Unauthenticated::UntrustedPeer(_)), "{peer}");
        }
    }
}
