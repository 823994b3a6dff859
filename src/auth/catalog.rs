//! A catalog of services, as keystonemiddleware hands it on.

use serde::Deserialize;

use crate::domain::{Credentials, ServiceEndpoint};

#[derive(Deserialize)]
struct Service {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    region: Option<String>,
    #[serde(rename = "publicURL")]
    public_url: Option<String>,
    #[serde(rename = "internalURL")]
    internal_url: Option<String>,
    #[serde(rename = "adminURL")]
    admin_url: Option<String>,
}

/// Where those services are that a caller's token is shown to, by the header
/// `X-Service-Catalog`; `None` if it is no catalog.
pub(super) fn endpoints(text: &str) -> Option<Vec<ServiceEndpoint>> {
    // Catalogs are long, and most of them name no such service.
    if !Credentials::SERVICES.iter().any(|kind| text.contains(kind)) {
        return Some(Vec::new());
    }
    let catalog: Vec<Service> = serde_json::from_str(text).ok()?;
    let mut found = Vec::new();
    for service in catalog {
        if !Credentials::SERVICES.contains(&service.kind.as_str()) {
            continue;
        }
        for endpoint in service.endpoints {
            for (interface, url) in [
                ("public", endpoint.public_url),
                ("internal", endpoint.internal_url),
                ("admin", endpoint.admin_url),
            ] {
                found.extend(url.map(|url| ServiceEndpoint {
                    service: service.kind.clone(),
                    interface: interface.to_owned(),
                    region: endpoint.region.clone(),
                    url,
                }));
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_services_that_a_token_is_shown_to_are_kept() {
        let catalog = json!([
            {"type": "volumev3", "name": "cinder", "endpoints": [{"publicURL": "http://disk"}]},
            {"type": "key-manager", "name": "barbican", "endpoints": [
                {"region": "R", "id": "1", "publicURL": "http://out", "internalURL": "http://in"}]},
        ]);
        let found = endpoints(&catalog.to_string()).expect("a catalog");
        let found: Vec<_> = found
            .iter()
            .map(|at| (&*at.service, &*at.interface, at.region.as_deref(), &*at.url))
            .collect();
        assert_eq!(
            found,
            [
                ("key-manager", "public", Some("R"), "http://out"),
                ("key-manager", "internal", Some("R"), "http://in"),
            ]
        );
    }

    #[test]
    fn what_is_no_catalog_is_told_if_it_matters() {
        assert_eq!(endpoints("key-manager"), None);
        assert_eq!(endpoints("{\"type\": \"key-manager\"}"), None);
        assert_eq!(endpoints("[]"), Some(Vec::new()));
    }
}
