//! What Keystone says about a token.

use std::sync::Arc;

use crate::domain::{ServiceEndpoint, Timestamp};

/// A token that Keystone knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validated {
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub user_name: Option<String>,
    /// The id of the user's domain.
    pub user_domain_id: Option<String>,
    /// What the token is for.
    pub scope: Scope,
    /// The roles, in lower case.
    pub roles: Vec<String>,
    /// When the token ends; with [`Expired::Allowed`](super::Expired) that may have been.
    pub expires_at: Timestamp,
    /// The only requests that an application credential allows; none: any.
    pub access_rules: Option<Vec<AccessRule>>,
    /// Where the services are that the token may be shown to, if its catalog was asked for.
    pub endpoints: Arc<[ServiceEndpoint]>,
    /// The types of the services in the catalog; empty unless there are access rules.
    pub service_types: Vec<String>,
}

/// What a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Nothing yet.
    Unscoped,
    /// A project.
    Project {
        /// Its id.
        id: String,
        /// Its name.
        name: Option<String>,
        /// The id of its domain.
        domain_id: Option<String>,
    },
    /// A domain.
    Domain {
        /// Its id.
        id: String,
    },
    /// The whole system.
    System,
}

/// A kind of request that an application credential allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRule {
    /// The type of the service.
    pub service: String,
    /// The method.
    pub method: String,
    /// The pattern of the path.
    pub path: String,
}
