//! What `[keystone_authtoken]` says about tokens.

use std::time::Duration;

use crate::keystone::{Catalog, Settings};

/// How tokens are judged.
#[derive(Debug, Clone)]
pub struct KeystoneSettings {
    /// How Keystone is reached.
    pub session: Settings,
    /// Where those who are refused can get a token.
    pub www_authenticate_uri: String,
    /// How long and how many answers are kept.
    pub cache: CacheSettings,
    /// Whether Keystone is asked for the catalog. Without it, no token with access rules is taken.
    pub catalog: Catalog,
    /// The roles of which a service has to have one, in lower case.
    pub service_token_roles: Vec<String>,
    /// What a service needs those roles for.
    pub service_token_need: ServiceTokenRoles,
    /// What the registry is called in access rules; none: no token with access rules is taken.
    pub service_type: Option<String>,
}

/// How long and how many answers of Keystone are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSettings {
    /// How long; none: they are not.
    pub time: Option<Duration>,
    /// How many.
    pub size: u64,
}

/// What a service needs one of the roles for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceTokenRoles {
    /// For everything: without, its token counts for nothing.
    Required,
    /// To vouch for an expired token only.
    ForExpiredTokens,
}
