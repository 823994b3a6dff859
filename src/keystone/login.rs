//! How the registry proves to Keystone who it is.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::keystone::{LoginFault, LoginOptions};

/// The values of `auth_type` that can be used.
const AUTH_TYPES: &str = "password, v3password, v3applicationcredential";

/// A way to log in that is complete.
#[derive(Debug, Clone)]
pub struct Login {
    /// Without a version.
    base: String,
    identity: Identity,
    /// None for application credentials, which are for one project by themselves.
    scope: Option<Value>,
}

#[derive(Debug, Clone)]
enum Identity {
    Password {
        user: Value,
        password: SecretString,
    },
    ApplicationCredential {
        credential: Value,
        secret: SecretString,
    },
}

/// Who logs in, and for what.
type Parts = (Identity, Option<Value>);

impl Login {
    /// The address of Keystone as the operator gave it, without a version.
    #[must_use]
    pub fn auth_url(&self) -> &str {
        &self.base
    }

    /// Where to log in.
    pub(super) fn url(&self) -> String {
        format!("{}/v3/auth/tokens", self.base)
    }

    /// What is sent there.
    pub(super) fn body(&self) -> Value {
        let identity = match &self.identity {
            Identity::Password { user, password } => {
                let mut user = user.clone();
                user["password"] = password.expose_secret().into();
                json!({"methods": ["password"], "password": {"user": user}})
            }
            Identity::ApplicationCredential { credential, secret } => {
                let mut credential = credential.clone();
                credential["secret"] = secret.expose_secret().into();
                let method = "application_credential";
                json!({"methods": [method], method: credential})
            }
        };
        let mut auth = json!({"identity": identity});
        if let Some(scope) = &self.scope {
            auth["scope"] = scope.clone();
        }
        json!({"auth": auth})
    }
}

impl LoginOptions {
    /// The login that the options describe.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them.
    pub fn login(&self) -> Result<Login, Vec<LoginFault>> {
        let mut faults = Vec::new();
        let base = self.base().map_err(|fault| faults.push(fault)).ok();
        let parts = match self.auth_type.as_deref() {
            None => Err(vec![missing("auth_type", AUTH_TYPES)]),
            Some("password" | "v3password") => self.password(),
            Some("v3applicationcredential") => self.application_credential(),
            Some(_) => Err(vec![refused("auth_type", AUTH_TYPES)]),
        };
        let parts = parts.map_err(|more| faults.extend(more)).ok();
        match (base, parts) {
            (Some(base), Some((identity, scope))) => Ok(Login {
                base,
                identity,
                scope,
            }),
            _ => Err(faults),
        }
    }

    fn base(&self) -> Result<String, LoginFault> {
        let given = self.auth_url.as_deref();
        let given = given.ok_or(missing("auth_url", "the address of Keystone"))?;
        let base = given.trim_end_matches('/');
        let base = base.strip_suffix("/v3").unwrap_or(base);
        if base.ends_with("/v2.0") {
            let allowed = "the address of Keystone without a version, or with /v3";
            return Err(refused("auth_url", allowed));
        }
        Ok(base.trim_end_matches('/').to_owned())
    }

    fn password(&self) -> Result<Parts, Vec<LoginFault>> {
        let password = self.password.clone();
        let password = password.ok_or(missing("password", "the password of the user"));
        match (self.user(), password, self.scope()) {
            (Ok(user), Ok(password), Ok(scope)) => {
                Ok((Identity::Password { user, password }, Some(scope)))
            }
            (user, password, scope) => {
                let faults = [user.err(), password.err(), scope.err()];
                Err(faults.into_iter().flatten().collect())
            }
        }
    }

    fn application_credential(&self) -> Result<Parts, Vec<LoginFault>> {
        let credential = || match (
            &self.application_credential_id,
            &self.application_credential_name,
        ) {
            (Some(id), _) => Ok(json!({"id": id})),
            (None, Some(name)) => Ok(json!({"name": name, "user": self.user()?})),
            (None, None) => Err(missing(
                "application_credential_id",
                "an id, or else application_credential_name is set",
            )),
        };
        let secret = self.application_credential_secret.clone();
        let secret = secret.ok_or(missing(
            "application_credential_secret",
            "the secret of the application credential",
        ));
        match (credential(), secret) {
            (Ok(credential), Ok(secret)) => {
                Ok((Identity::ApplicationCredential { credential, secret }, None))
            }
            (credential, secret) => Err(credential.err().into_iter().chain(secret.err()).collect()),
        }
    }

    fn user(&self) -> Result<Value, LoginFault> {
        if let Some(id) = &self.user_id {
            return Ok(json!({"id": id}));
        }
        let name = self.username.as_ref();
        let name = name.ok_or(missing("username", "the name of the user, or user_id"))?;
        let domain = self.domain(
            self.user_domain_id.as_deref(),
            self.user_domain_name.as_deref(),
        );
        let domain = domain.ok_or(missing(
            "user_domain_name",
            "the name of the user's domain, or user_domain_id",
        ))?;
        Ok(json!({"name": name, "domain": domain}))
    }

    fn domain(&self, id: Option<&str>, name: Option<&str>) -> Option<Value> {
        let own = reference(id, name);
        own.or_else(|| {
            reference(
                self.default_domain_id.as_deref(),
                self.default_domain_name.as_deref(),
            )
        })
    }

    /// What the token is for; exactly one thing has to be named.
    fn scope(&self) -> Result<Value, LoginFault> {
        let domain = reference(self.domain_id.as_deref(), self.domain_name.as_deref());
        let named = [
            self.system_scope.is_some(),
            self.trust_id.is_some(),
            domain.is_some(),
            self.project_id.is_some() || self.project_name.is_some(),
        ];
        if named.iter().filter(|is_named| **is_named).count() > 1 {
            let allowed = "one of system_scope, trust_id, domain_name and project_name alone";
            let option = match named {
                [true, ..] => "system_scope",
                [_, true, ..] => "trust_id",
                _ => "project_name",
            };
            return Err(refused(option, allowed));
        }
        if let Some(system) = &self.system_scope {
            return match system.as_str() {
                "all" => Ok(json!({"system": {"all": true}})),
                _ => Err(refused("system_scope", "all")),
            };
        }
        if let Some(trust) = &self.trust_id {
            return Ok(json!({"OS-TRUST:trust": {"id": trust}}));
        }
        if let Some(domain) = domain {
            return Ok(json!({"domain": domain}));
        }
        self.project().map(|project| json!({"project": project}))
    }

    fn project(&self) -> Result<Value, LoginFault> {
        if let Some(id) = &self.project_id {
            return Ok(json!({"id": id}));
        }
        let name = self.project_name.as_ref().ok_or(missing(
            "project_name",
            "the name of the project to act for, or project_id, domain_name or system_scope",
        ))?;
        let domain = self.domain(
            self.project_domain_id.as_deref(),
            self.project_domain_name.as_deref(),
        );
        let domain = domain.ok_or(missing(
            "project_domain_name",
            "the name of the project's domain, or project_domain_id",
        ))?;
        Ok(json!({"name": name, "domain": domain}))
    }
}

/// A thing by its id if that is known, else by its name.
fn reference(id: Option<&str>, name: Option<&str>) -> Option<Value> {
    match (id, name) {
        (Some(id), _) => Some(json!({"id": id})),
        (None, Some(name)) => Some(json!({"name": name})),
        (None, None) => None,
    }
}

const fn missing(option: &'static str, allowed: &'static str) -> LoginFault {
    LoginFault::Missing { option, allowed }
}

const fn refused(option: &'static str, allowed: &'static str) -> LoginFault {
    LoginFault::Refused { option, allowed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: Value) -> LoginOptions {
        serde_json::from_value(pairs).expect("options")
    }

    fn body(pairs: Value) -> Value {
        let login = options(pairs).login().expect("a login");
        login.body()["auth"].take()
    }

    /// The names of the options that are at fault.
    fn faults(pairs: Value) -> Vec<&'static str> {
        let faults = options(pairs).login().expect_err("a fault");
        let name = |fault: &LoginFault| match fault {
            LoginFault::Missing { option, .. } | LoginFault::Refused { option, .. } => *option,
        };
        faults.iter().map(name).collect()
    }

    #[test]
    fn a_password_is_sent_with_user_and_project_by_name_or_id() {
        let named = body(json!({
            "auth_type": "password", "auth_url": "http://k:5000/", "username": "glance",
            "user_domain_name": "Default", "password": "pw", "project_name": "service",
            "project_domain_id": "default",
        }));
        assert_eq!(
            named,
            json!({
                "identity": {"methods": ["password"], "password": {"user": {
                    "name": "glance", "domain": {"name": "Default"}, "password": "pw"}}},
                "scope": {"project": {"name": "service", "domain": {"id": "default"}}},
            })
        );
        let by_id = body(json!({
            "auth_type": "v3password", "auth_url": "http://k", "user_id": "u", "username": "x",
            "password": "pw", "project_id": "p",
        }));
        assert_eq!(by_id["identity"]["password"]["user"]["id"], "u");
        assert_eq!(by_id["scope"], json!({"project": {"id": "p"}}));
    }

    #[test]
    fn an_application_credential_asks_for_no_scope() {
        let by_id = body(json!({
            "auth_type": "v3applicationcredential", "auth_url": "http://k",
            "application_credential_id": "c", "application_credential_secret": "s",
            "project_name": "ignored",
        }));
        assert_eq!(
            by_id,
            json!({"identity": {"methods": ["application_credential"],
                "application_credential": {"id": "c", "secret": "s"}}})
        );
        let by_name = body(json!({
            "auth_type": "v3applicationcredential", "auth_url": "http://k", "username": "glance",
            "default_domain_id": "default", "application_credential_name": "c",
            "application_credential_secret": "s",
        }));
        assert_eq!(
            by_name["identity"]["application_credential"],
            json!({"name": "c", "secret": "s",
                "user": {"name": "glance", "domain": {"id": "default"}}})
        );
    }

    #[test]
    fn a_token_can_be_for_the_system_a_domain_or_a_trust() {
        for (option, value, scope) in [
            ("system_scope", "all", json!({"system": {"all": true}})),
            (
                "domain_name",
                "Default",
                json!({"domain": {"name": "Default"}}),
            ),
            ("trust_id", "t", json!({"OS-TRUST:trust": {"id": "t"}})),
        ] {
            let mut pairs = json!({"auth_type": "password", "auth_url": "http://k",
                "user_id": "u", "password": "pw"});
            pairs[option] = value.into();
            assert_eq!(body(pairs)["scope"], scope);
        }
    }

    #[test]
    fn the_version_in_the_address_may_be_there_or_not() {
        for url in [
            "http://k/identity",
            "http://k/identity/",
            "http://k/identity/v3/",
        ] {
            let login = options(
                json!({"auth_type": "v3applicationcredential", "auth_url": url,
                "application_credential_id": "c", "application_credential_secret": "s"}),
            );
            let login = login.login().expect("a login");
            assert_eq!(login.url(), "http://k/identity/v3/auth/tokens");
        }
    }

    #[test]
    fn what_is_missing_or_cannot_be_is_told_by_name() {
        assert_eq!(faults(json!({})), ["auth_url", "auth_type"]);
        let password = |more: Value| {
            let mut pairs = json!({"auth_type": "password", "auth_url": "http://k"});
            let more = more.as_object().expect("an object").clone();
            pairs.as_object_mut().expect("an object").extend(more);
            faults(pairs)
        };
        let all = ["username", "password", "project_name"];
        assert_eq!(password(json!({})), all);
        let user = json!({"username": "u", "password": "p", "project_id": "x"});
        assert_eq!(password(user), ["user_domain_name"]);
        let user = json!({"user_id": "u", "password": "p", "project_name": "x"});
        assert_eq!(password(user), ["project_domain_name"]);
        let user = json!({"user_id": "u", "password": "p", "project_id": "x",
            "system_scope": "all"});
        assert_eq!(password(user), ["system_scope"]);
        let user = json!({"user_id": "u", "password": "p", "system_scope": "some"});
        assert_eq!(password(user), ["system_scope"]);
        assert_eq!(
            faults(json!({"auth_type": "v3applicationcredential", "auth_url": "http://k/v2.0"})),
            [
                "auth_url",
                "application_credential_id",
                "application_credential_secret"
            ]
        );
        assert_eq!(
            faults(json!({"auth_type": "v3kerberos", "auth_url": "http://k"})),
            ["auth_type"]
        );
    }

    #[test]
    fn no_secret_is_shown() {
        let options = options(json!({"auth_type": "password", "auth_url": "http://k",
            "user_id": "u", "password": "hunter2", "project_id": "p"}));
        let shown = format!("{options:?} {:?}", options.login().expect("a login"));
        assert!(!shown.contains("hunter2"), "{shown}");
        let written = serde_json::to_string(&options).expect("JSON");
        assert!(!written.contains("hunter2"), "{written}");
    }
}
