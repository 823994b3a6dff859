//! What a caller can show to other services.

use std::{fmt, sync::Arc};

/// What proves to other services of the cloud for whom the registry asks, and where they are.
///
/// It lives as long as the request it came with, but for the token of an import from another
/// registry, which is kept until that is over.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    token: Arc<str>,
    endpoints: Arc<[ServiceEndpoint]>,
}

/// Where a service of the cloud is, by the catalog of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEndpoint {
    /// The type of the service.
    pub service: String,
    /// For whom the address is: `public`, `internal` or `admin`.
    pub interface: String,
    /// The region, if it says one.
    pub region: Option<String>,
    /// The address.
    pub url: String,
}

impl Credentials {
    /// The types of the services whose endpoints are of use here.
    pub const SERVICES: &[&str] = &["image", "key-manager"];

    /// The token, with the endpoints of the caller's catalog.
    #[must_use]
    pub fn new(token: &str, endpoints: Arc<[ServiceEndpoint]>) -> Self {
        Self {
            token: token.into(),
            endpoints,
        }
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The address of a service, in the region if there is one.
    #[must_use]
    pub fn endpoint(&self, service: &str, interface: &str, region: Option<&str>) -> Option<&str> {
        let fits = |endpoint: &&ServiceEndpoint| {
            endpoint.service == service
                && endpoint.interface == interface
                && (region.is_none() || endpoint.region.as_deref() == region)
        };
        let found = self.endpoints.iter().find(fits);
        found.map(|endpoint| endpoint.url.as_str())
    }
}

impl Credentials {
    /// The address of a service in a region, whose name may be written in either case.
    #[must_use]
    pub fn endpoint_in(&self, service: &str, interface: &str, region: &str) -> Option<&str> {
        let fits = |endpoint: &&ServiceEndpoint| {
            let named = endpoint.region.as_deref();
            endpoint.service == service
                && endpoint.interface == interface
                && named.is_some_and(|named| named.to_lowercase() == region.to_lowercase())
        };
        let found = self.endpoints.iter().find(fits);
        found.map(|endpoint| endpoint.url.as_str())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_shown() {
        let credentials = Credentials::new("gAAAAA-secret", Arc::new([]));
        assert!(!format!("{credentials:?}").contains("gAAAAA"));
    }

    #[test]
    fn an_endpoint_is_found_by_service_interface_and_region() {
        let at = |interface: &str, region: &str| ServiceEndpoint {
            service: "key-manager".into(),
            interface: interface.into(),
            region: Some(region.into()),
            url: format!("http://{interface}.{region}"),
        };
        let endpoints = [
            at("public", "one"),
            at("public", "two"),
            at("internal", "two"),
        ];
        let credentials = Credentials::new("t", endpoints.into());
        let find = |interface, region| credentials.endpoint("key-manager", interface, region);
        assert_eq!(find("public", None), Some("http://public.one"));
        assert_eq!(find("public", Some("two")), Some("http://public.two"));
        assert_eq!(find("internal", Some("one")), None);
        assert_eq!(credentials.endpoint("image", "public", None), None);
        let find = |region| credentials.endpoint_in("key-manager", "public", region);
        assert_eq!(find("TWO"), Some("http://public.two"));
        assert_eq!(find("three"), None);
    }
}
