//! The options of a login, as they stand in a file, and what can be wrong with them.

use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};

/// The options of keystoneauth's plugins, by their names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoginOptions {
    /// The way to log in: `password`, `v3password` or `v3applicationcredential`.
    pub auth_type: Option<String>,
    /// The address of Keystone, with or without `/v3`.
    pub auth_url: Option<String>,
    /// The user's id.
    pub user_id: Option<String>,
    /// The user's name, which needs a domain.
    pub username: Option<String>,
    /// The password.
    #[serde(serialize_with = "unset")]
    pub password: Option<SecretString>,
    /// The id of the user's domain.
    pub user_domain_id: Option<String>,
    /// The name of the user's domain.
    pub user_domain_name: Option<String>,
    /// The id of the project that the token is for.
    pub project_id: Option<String>,
    /// The name of the project that the token is for, which needs a domain.
    pub project_name: Option<String>,
    /// The id of the project's domain.
    pub project_domain_id: Option<String>,
    /// The name of the project's domain.
    pub project_domain_name: Option<String>,
    /// The id of the domain that the token is for.
    pub domain_id: Option<String>,
    /// The name of the domain that the token is for.
    pub domain_name: Option<String>,
    /// The id of the domain of user and project where they name none.
    pub default_domain_id: Option<String>,
    /// The name of the domain of user and project where they name none.
    pub default_domain_name: Option<String>,
    /// `all`: the token is for the whole system.
    pub system_scope: Option<String>,
    /// The id of the trust that the token is for.
    pub trust_id: Option<String>,
    /// The id of the application credential.
    pub application_credential_id: Option<String>,
    /// The name of the application credential, which needs a user.
    pub application_credential_name: Option<String>,
    /// The secret of the application credential.
    #[serde(serialize_with = "unset")]
    pub application_credential_secret: Option<SecretString>,
}

/// A secret is written as if it were not set.
fn unset<T, S: Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_none()
}

/// What is wrong with the options of a login.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginFault {
    /// An option is needed.
    #[error("{option} is not set; allowed: {allowed}")]
    Missing {
        /// Its name.
        option: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
    /// An option cannot have its value.
    #[error("the value of {option} is refused; allowed: {allowed}")]
    Refused {
        /// Its name.
        option: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
}
