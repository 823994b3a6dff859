//! The address under which a client reaches the API.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, Uri, header, request::Parts};

use crate::api::{
    ApiState, ProxyHeaders, Settings,
    forwarded::{Forwarded, is_host},
};

/// Scheme and host, and the path in front of the version if there is one, without a slash at
/// the end.
pub(crate) struct BaseUrl(pub(crate) String);

impl BaseUrl {
    /// What the operator says; else what a proxy says, if it is believed; else what the client
    /// said.
    pub(crate) fn of(settings: &Settings, uri: &Uri, headers: &HeaderMap) -> Self {
        if let Some(endpoint) = &settings.public_endpoint {
            return Self(endpoint.trim_end_matches('/').to_owned());
        }
        let told = match settings.proxy_headers {
            ProxyHeaders::Believed => Forwarded::of(headers),
            ProxyHeaders::Ignored => Forwarded::default(),
        };
        let own = headers.get(header::HOST);
        let own = own.and_then(|host| host.to_str().ok());
        let host = told
            .host
            .as_deref()
            .or_else(|| own.filter(|host| is_host(host)))
            .or_else(|| uri.authority().map(http::uri::Authority::as_str))
            .unwrap_or("localhost");
        let scheme = told.scheme.as_deref().unwrap_or("http");
        let prefix = told.prefix.as_deref().unwrap_or_default();
        Self(format!("{scheme}://{host}{prefix}"))
    }
}

impl FromRequestParts<ApiState> for BaseUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Infallible> {
        Ok(Self::of(&api.settings, &parts.uri, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn base(settings: &Settings) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("inside:9292"));
        headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
        headers.insert(
            "x-forwarded-host",
            HeaderValue::from_static("images.example, proxy"),
        );
        headers.insert("x-forwarded-prefix", HeaderValue::from_static("/image"));
        BaseUrl::of(settings, &Uri::from_static("/v2"), &headers).0
    }

    #[test]
    fn headers_of_a_proxy_count_only_when_they_are_believed() {
        assert_eq!(base(&Settings::default()), "http://inside:9292");
        let behind_a_proxy = Settings {
            proxy_headers: ProxyHeaders::Believed,
            ..Settings::default()
        };
        assert_eq!(base(&behind_a_proxy), "https://images.example/image");
    }

    #[test]
    fn the_operators_word_comes_first() {
        let said = Settings {
            public_endpoint: Some("https://cloud.example/image/".into()),
            ..Settings::default()
        };
        assert_eq!(base(&said), "https://cloud.example/image");
    }

    #[test]
    fn what_is_no_host_does_not_come_into_a_link() {
        let of = |host| {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            BaseUrl::of(&Settings::default(), &Uri::from_static("/v2"), &headers).0
        };
        assert_eq!(of("[::1]:9292"), "http://[::1]:9292");
        for host in ["evil.example/path", "user@evil.example", "a b", ""] {
            assert_eq!(of(host), "http://localhost", "{host}");
        }
    }
}
