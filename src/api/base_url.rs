//! The address under which a client reaches the API.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, Uri, header, request::Parts};

use crate::api::{ApiState, ProxyHeaders, Settings};

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
        let forwarded = |name| match settings.proxy_headers {
            ProxyHeaders::Believed => first_text(headers, name),
            ProxyHeaders::Ignored => None,
        };
        let scheme = forwarded("x-forwarded-proto")
            .filter(|scheme| matches!(*scheme, "http" | "https"))
            .unwrap_or("http");
        let host = forwarded("x-forwarded-host")
            .or_else(|| first_text(headers, header::HOST.as_str()))
            .or_else(|| uri.authority().map(http::uri::Authority::as_str))
            .unwrap_or("localhost");
        Self(format!("{scheme}://{host}"))
    }
}

impl FromRequestParts<ApiState> for BaseUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Infallible> {
        Ok(Self::of(&api.settings, &parts.uri, &parts.headers))
    }
}

/// The first of the values that proxies append to each other.
fn first_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let text = headers.get(name)?.to_str().ok()?;
    let first = text.split(',').next().map(str::trim)?;
    (!first.is_empty()).then_some(first)
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
        BaseUrl::of(settings, &Uri::from_static("/v2"), &headers).0
    }

    #[test]
    fn headers_of_a_proxy_count_only_when_they_are_believed() {
        assert_eq!(base(&Settings::default()), "http://inside:9292");
        let behind_a_proxy = Settings {
            proxy_headers: ProxyHeaders::Believed,
            ..Settings::default()
        };
        assert_eq!(base(&behind_a_proxy), "https://images.example");
    }

    #[test]
    fn the_operators_word_comes_first() {
        let said = Settings {
            public_endpoint: Some("https://cloud.example/image/".into()),
            ..Settings::default()
        };
        assert_eq!(base(&said), "https://cloud.example/image");
    }
}
