//! Callers who bring tokens of Keystone's, in front of a registry and of the authenticator alone.

mod access_rules;
mod cache;
mod callers;
mod faults;
mod limits;
mod own_token;
mod services;
mod tls;

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use hallmark::{
    auth::{
        Anonymous, AuthError, CacheSettings, Keystone, KeystoneSettings, Request, ServiceTokenRoles,
    },
    cloud::{Interface, Transport},
    domain::{Caller, Clock, SystemClock, Timestamp},
    keystone::{Catalog, LoginOptions, Settings},
};
use serde_json::json;

use crate::support::{Answer, Engine, FakeKeystone, Registry};

/// A registry that asks `keystone`, with `more` options in `[keystone_authtoken]` and further
/// sections.
async fn registry(engine: Engine, keystone: &FakeKeystone, more: &str) -> Registry {
    let settings = format!(
        "[auth]\nstrategy = \"keystone\"\n[keystone_authtoken]\n{}\n{more}",
        login(keystone)
    );
    Registry::configured(engine, &settings).await
}

/// The options of a login at `keystone`, as TOML.
fn login(keystone: &FakeKeystone) -> String {
    format!(
        "auth_type = \"password\"\nauth_url = \"{}\"\nusername = \"glance\"\n\
         user_domain_name = \"Default\"\npassword = \"hunter2\"\nproject_name = \"service\"\n\
         project_domain_name = \"Default\"\nregion_name = \"R\"",
        keystone.url()
    )
}

/// `GET path` with these headers.
async fn get(registry: &Registry, path: &str, headers: &[(&str, &str)]) -> Answer {
    let call = headers
        .iter()
        .fold(registry.call(Method::GET, path), |call, (name, value)| {
            call.header(name, value)
        });
    call.send().await
}

/// A clock that stands still until it is moved.
#[derive(Default)]
struct Ahead(AtomicI64);

impl Ahead {
    /// Moves the time on.
    fn by(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).expect("a short time");
        self.0.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        let ahead = Duration::from_micros(self.0.load(Ordering::Relaxed).unsigned_abs());
        SystemClock.now().plus(ahead)
    }
}

/// The authenticator alone, in front of a Keystone, with a clock that can be moved.
struct Door {
    keystone: FakeKeystone,
    authenticator: Keystone,
    clock: Arc<Ahead>,
}

impl Door {
    async fn open() -> Self {
        Self::with(|_| ()).await
    }

    /// With settings that `change` changes.
    async fn with(change: impl FnOnce(&mut KeystoneSettings)) -> Self {
        let keystone = FakeKeystone::start().await;
        let options: LoginOptions = serde_json::from_value(json!({
            "auth_type": "v3applicationcredential",
            "auth_url": keystone.url(),
            "application_credential_id": "c",
            "application_credential_secret": "hunter2",
        }))
        .expect("options");
        let mut settings = KeystoneSettings {
            session: Settings {
                login: options.login().expect("a login"),
                interfaces: vec![Interface::Internal],
                region_name: Some("R".into()),
                transport: Transport {
                    timeout: Duration::from_secs(10),
                    retries: 1,
                    ..Transport::default()
                },
            },
            www_authenticate_uri: "http://keystone".into(),
            cache: CacheSettings {
                time: Some(Duration::from_mins(5)),
                size: 100,
            },
            catalog: Catalog::Included,
            service_token_roles: vec!["service".into()],
            service_token_need: ServiceTokenRoles::Required,
            service_type: Some("image".into()),
        };
        change(&mut settings);
        let clock = Arc::new(Ahead::default());
        let shared: Arc<dyn Clock> = Arc::<Ahead>::clone(&clock);
        let authenticator =
            Keystone::new(settings, Anonymous::Refused, shared).expect("an authenticator");
        Self {
            keystone,
            authenticator,
            clock,
        }
    }

    /// Who asks for `path` with these headers.
    async fn asks(&self, path: &str, headers: &[(&str, &str)]) -> Result<Caller, AuthError> {
        let pairs = headers.iter().map(|(name, value)| {
            let name = HeaderName::try_from(*name).expect("a name");
            (name, HeaderValue::try_from(*value).expect("a value"))
        });
        let request = Request {
            peer: Ipv4Addr::LOCALHOST.into(),
            headers: &pairs.collect::<HeaderMap>(),
            method: &Method::GET,
            path,
            request_id: "req-1".into(),
        };
        self.authenticator.authenticate(request).await
    }

    /// Who brings the token.
    async fn brings(&self, token: &str) -> Result<Caller, AuthError> {
        self.asks("/v2/images", &[("x-auth-token", token)]).await
    }

    /// Who brings the tokens of a user and of a service.
    async fn brings_both(&self, user: &str, service: &str) -> Result<Caller, AuthError> {
        let headers = [("x-auth-token", user), ("x-service-token", service)];
        self.asks("/v2/images", &headers).await
    }

    /// How many tokens Keystone was asked about so far.
    fn validations(&self) -> usize {
        self.keystone.asked().validations.len()
    }
}

/// Whether it was refused, and not for want of an answer.
fn is_refused(answer: &Result<Caller, AuthError>) -> bool {
    matches!(answer, Err(AuthError::Unauthenticated(_)))
}

/// Whether there was no clear answer.
fn is_unavailable(answer: &Result<Caller, AuthError>) -> bool {
    matches!(answer, Err(AuthError::Keystone(_)))
}
