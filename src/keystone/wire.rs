//! A token as Keystone writes it.

use http::HeaderName;
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    domain::{Credentials, ServiceEndpoint, Timestamp},
    keystone::{AccessRule, KeystoneError, Scope, Validated},
};

/// The header with the token that is judged, and with the one that a login gives.
pub(super) const SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");

/// The answer to a login and to a validation.
#[derive(Deserialize)]
pub(super) struct TokenDocument {
    token: Token,
}

#[derive(Deserialize)]
struct Token {
    expires_at: String,
    user: Named,
    project: Option<Named>,
    domain: Option<Named>,
    system: Option<System>,
    #[serde(default)]
    roles: Vec<Role>,
    #[serde(default)]
    catalog: Vec<Service>,
    application_credential: Option<ApplicationCredential>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    name: Option<String>,
    domain: Option<DomainOf>,
}

#[derive(Deserialize)]
struct DomainOf {
    id: Option<String>,
}

#[derive(Deserialize)]
struct System {
    #[serde(default)]
    all: bool,
}

#[derive(Deserialize)]
struct Role {
    name: String,
}

#[derive(Deserialize)]
struct ApplicationCredential {
    access_rules: Option<Vec<Rule>>,
}

#[derive(Deserialize)]
struct Rule {
    service: String,
    method: String,
    path: String,
}

/// A service of the catalog.
#[derive(Deserialize)]
pub(super) struct Service {
    /// Its type.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Where it is.
    #[serde(default)]
    pub(super) endpoints: Vec<Endpoint>,
}

/// Where a service is.
#[derive(Deserialize)]
pub(super) struct Endpoint {
    /// For whom.
    pub(super) interface: String,
    /// The address.
    pub(super) url: String,
    /// The region.
    pub(super) region_id: Option<String>,
    /// The region by its old name.
    pub(super) region: Option<String>,
}

impl TokenDocument {
    /// What the document is called in an error.
    pub(super) const WHAT: &'static str = "a token document";

    /// When the token ends, and the catalog it brings.
    pub(super) fn into_login(self) -> Result<(Timestamp, Vec<Service>), KeystoneError> {
        Ok((timestamp(&self.token.expires_at)?, self.token.catalog))
    }

    /// What is said about the token.
    pub(super) fn into_validated(self) -> Result<Validated, KeystoneError> {
        let token = self.token;
        let credential = token.application_credential;
        let access_rules = credential.and_then(|credential| credential.access_rules);
        let endpoints = endpoints(&token.catalog);
        let catalog = token.catalog.into_iter().filter(|_| access_rules.is_some());
        Ok(Validated {
            scope: scope(token.project, token.domain, token.system)?,
            expires_at: timestamp(&token.expires_at)?,
            user_id: token.user.id,
            user_name: token.user.name,
            user_domain_id: token.user.domain.and_then(|domain| domain.id),
            roles: token
                .roles
                .into_iter()
                .map(|role| role.name.to_lowercase())
                .collect(),
            endpoints: endpoints.into(),
            service_types: catalog.map(|service| service.kind).collect(),
            access_rules: access_rules.map(|rules| rules.into_iter().map(Into::into).collect()),
        })
    }
}

impl From<Rule> for AccessRule {
    fn from(rule: Rule) -> Self {
        let Rule {
            service,
            method,
            path,
        } = rule;
        Self {
            service,
            method,
            path,
        }
    }
}

/// Where those services are that a caller's token is shown to.
fn endpoints(catalog: &[Service]) -> Vec<ServiceEndpoint> {
    let shown = |service: &&Service| Credentials::SERVICES.contains(&service.kind.as_str());
    let of_service = |service: &Service| {
        let kind = service.kind.clone();
        let endpoint = move |endpoint: &Endpoint| ServiceEndpoint {
            service: kind.clone(),
            interface: endpoint.interface.clone(),
            region: endpoint
                .region_id
                .clone()
                .or_else(|| endpoint.region.clone()),
            url: endpoint.url.clone(),
        };
        service.endpoints.iter().map(endpoint).collect::<Vec<_>>()
    };
    catalog.iter().filter(shown).flat_map(of_service).collect()
}

/// A token is for one thing at most: a document that names two is not to be trusted.
fn scope(
    project: Option<Named>,
    domain: Option<Named>,
    system: Option<System>,
) -> Result<Scope, KeystoneError> {
    Ok(match (project, domain, system) {
        (None, None, None) => Scope::Unscoped,
        (Some(project), None, None) => Scope::Project {
            id: project.id,
            name: project.name,
            domain_id: project.domain.and_then(|domain| domain.id),
        },
        (None, Some(domain), None) => Scope::Domain { id: domain.id },
        (None, None, Some(System { all: true })) => Scope::System,
        _ => return Err(KeystoneError::malformed("a token with one scope")),
    })
}

fn timestamp(text: &str) -> Result<Timestamp, KeystoneError> {
    let malformed = || KeystoneError::malformed("a token with a time of expiry");
    let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) else {
        return Err(malformed());
    };
    let micros = i64::try_from(time.unix_timestamp_nanos() / 1000);
    micros.map(Timestamp::from_micros).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::Fault;

    fn validated(more: &Value) -> Result<Validated, KeystoneError> {
        let mut token = json!({
            "expires_at": "2026-11-22T04:00:00.000000Z",
            "user": {"id": "u", "name": "alice", "domain": {"id": "d", "name": "Users"}},
            "roles": [{"id": "1", "name": "Member"}, {"id": "2", "name": "reader"}],
            "catalog": [{"type": "image", "name": "glance", "endpoints": []}],
        });
        let more = more.as_object().expect("an object").clone();
        token.as_object_mut().expect("an object").extend(more);
        let document: TokenDocument =
            serde_json::from_value(json!({"token": token})).expect("a document");
        document.into_validated()
    }

    fn is_malformed(refused: &Result<Validated, KeystoneError>) -> bool {
        matches!(refused, Err(KeystoneError::Cloud(error))
            if matches!(error.fault, Fault::Malformed(_)))
    }

    #[test]
    fn a_token_has_one_scope() {
        let project = json!({"id": "p", "name": "demo", "domain": {"id": "d", "name": "Users"}});
        let found = validated(&json!({"project": project})).expect("a token");
        assert_eq!(
            found.scope,
            Scope::Project {
                id: "p".into(),
                name: Some("demo".into()),
                domain_id: Some("d".into()),
            }
        );
        let found = validated(&json!({"domain": {"id": "d", "name": "Users"}}));
        assert_eq!(
            found.expect("a token").scope,
            Scope::Domain { id: "d".into() }
        );
        let found = validated(&json!({"system": {"all": true}}));
        assert_eq!(found.expect("a token").scope, Scope::System);
        assert_eq!(
            validated(&json!({})).expect("a token").scope,
            Scope::Unscoped
        );
        for two in [
            json!({"project": project, "system": {"all": true}}),
            json!({"project": project, "domain": {"id": "d"}}),
            json!({"system": {"all": false}}),
        ] {
            let refused = validated(&two);
            assert!(is_malformed(&refused));
        }
    }

    #[test]
    fn roles_are_in_lower_case_and_the_catalog_is_kept_for_access_rules_only() {
        let found = validated(&json!({})).expect("a token");
        assert_eq!(found.roles, ["member", "reader"]);
        assert_eq!(
            found.expires_at,
            Timestamp::from_micros(1_795_320_000_000_000)
        );
        assert_eq!(found.service_types, [""; 0]);
        let rule = json!({"id": "r", "service": "image", "method": "GET", "path": "/v2/**"});
        let found = validated(&json!({"application_credential": {"access_rules": [rule]}}));
        let found = found.expect("a token");
        assert_eq!(found.service_types, ["image"]);
        assert_eq!(found.access_rules.expect("rules")[0].path, "/v2/**");
        let found = validated(&json!({"application_credential": {"id": "c", "name": "n"}}));
        assert_eq!(found.expect("a token").access_rules, None);
    }

    #[test]
    fn a_token_without_a_readable_end_is_refused() {
        for text in ["", "tomorrow", "2026-11-22"] {
            let refused = validated(&json!({"expires_at": text}));
            assert!(is_malformed(&refused), "{text}");
        }
    }
}
