//! The registry's own token at Keystone, and what is asked with it.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use reqwest::Url;
use secrecy::ExposeSecret as _;
use tokio::{
    sync::{Mutex, Semaphore},
    time::{Instant, timeout},
};

use crate::{
    cloud::{Reply, Requests},
    domain::Clock,
    keystone::{
        KeystoneError, Settings, Validated,
        error::SERVICE,
        own_token::OwnToken,
        wire::{SUBJECT_TOKEN, TokenDocument},
    },
};

const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const ACCESS_RULES: HeaderName = HeaderName::from_static("openstack-identity-access-rules");

/// How long after a login that failed the next one is tried.
const HOLD_OFF: Duration = Duration::from_secs(1);

/// How many requests are under way at a time; further ones wait.
const MAX_IN_FLIGHT: usize = 64;

/// How many times the time of one request everything together may take: a login, the question,
/// and both again.
const PATIENCE: u32 = 3;

/// Whether a token that has ended may be taken for valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expired {
    /// It is not valid.
    Refused,
    /// It is as good as before: a service vouches for it.
    Allowed,
}

/// Whether Keystone is asked for the catalog of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Catalog {
    /// It is.
    Included,
    /// It is not.
    Omitted,
}

/// A token that is to be judged.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The token.
    pub token: &'a str,
    /// Whether it may have ended.
    pub expired: Expired,
    /// Whether its catalog is wanted.
    pub catalog: Catalog,
}

/// A client of Keystone that is logged in whenever it has to be. Clones share everything.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    settings: Settings,
    requests: Requests,
    clock: Arc<dyn Clock>,
    /// Held during a login, so that many requests make one.
    own: Mutex<Own>,
    slots: Semaphore,
}

/// What is known about the registry's own token.
#[derive(Default)]
struct Own {
    token: Option<OwnToken>,
    failed: Option<Instant>,
    logins: u64,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session that logs in when it is first needed.
    ///
    /// # Errors
    ///
    /// [`KeystoneError::Cloud`] if the settings cannot be used.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, KeystoneError> {
        Ok(Self(Arc::new(Inner {
            requests: Requests::new(SERVICE, &settings.transport)?,
            settings,
            clock,
            own: Mutex::default(),
            slots: Semaphore::new(MAX_IN_FLIGHT),
        })))
    }

    /// What Keystone says about a token, now.
    ///
    /// # Errors
    ///
    /// [`KeystoneError::InvalidToken`] if Keystone does not know it, or it has ended and may not
    /// have; anything else if there is no clear answer.
    #[tracing::instrument(name = "keystone.validate", skip_all)]
    pub async fn validate(&self, subject: Subject<'_>) -> Result<Validated, KeystoneError> {
        let value = HeaderValue::from_str(subject.token);
        let mut value = value.map_err(|_| KeystoneError::InvalidToken)?;
        value.set_sensitive(true);
        let rules = HeaderValue::from_static("1");
        let headers = HeaderMap::from_iter([(SUBJECT_TOKEN, value), (ACCESS_RULES, rules)]);
        let mut query = Vec::new();
        if subject.expired == Expired::Allowed {
            query.push(("allow_expired", "1"));
        }
        if subject.catalog == Catalog::Omitted {
            query.push(("nocatalog", "1"));
        }
        let reply = self.get("auth/tokens", &query, headers).await?;
        match reply.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Err(KeystoneError::InvalidToken),
            other => return Err(KeystoneError::status(other)),
        }
        let document: TokenDocument = reply.json(TokenDocument::WHAT)?;
        let validated = document.into_validated()?;
        let has_ended = validated.expires_at <= self.0.clock.now();
        if has_ended && subject.expired == Expired::Refused {
            return Err(KeystoneError::InvalidToken);
        }
        Ok(validated)
    }

    /// Asks for what is under `path` of Keystone's API, with the registry's own token.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        headers: HeaderMap,
    ) -> Result<Reply, KeystoneError> {
        let patience = self.0.settings.transport.timeout * PATIENCE;
        let asking = async {
            let _slot = self.0.slots.acquire().await;
            let own = self.0.own(None).await?;
            let reply = self.0.ask(&own, path, query, &headers).await?;
            if reply.status != StatusCode::UNAUTHORIZED {
                return Ok(reply);
            }
            let own = self.0.own(Some(own.login)).await?;
            let reply = self.0.ask(&own, path, query, &headers).await?;
            if reply.status == StatusCode::UNAUTHORIZED {
                return Err(KeystoneError::OwnTokenRefused);
            }
            Ok(reply)
        };
        let asked = timeout(patience, asking).await;
        asked.unwrap_or(Err(KeystoneError::timed_out(patience)))
    }
}

impl Inner {
    async fn ask(
        &self,
        own: &OwnToken,
        path: &str,
        query: &[(&str, &str)],
        headers: &HeaderMap,
    ) -> Result<Reply, KeystoneError> {
        let no_address = |_| KeystoneError::malformed("a catalog of addresses");
        let mut url = Url::parse(&format!("{}/{path}", own.identity)).map_err(no_address)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let value = HeaderValue::from_str(own.value.expose_secret());
        let mut value = value.map_err(|_| KeystoneError::malformed("a token"))?;
        value.set_sensitive(true);
        let build = |client: &reqwest::Client| {
            client
                .get(url.clone())
                .headers(headers.clone())
                .header(header::ACCEPT, "application/json")
                .header(AUTH_TOKEN, value.clone())
        };
        Ok(self.requests.send(build).await?)
    }

    /// The registry's own token: the one in use unless it is near its end or comes from the login
    /// `refused`.
    async fn own(&self, refused: Option<u64>) -> Result<OwnToken, KeystoneError> {
        let mut own = self.own.lock().await;
        let now = self.clock.now();
        let usable = own.token.clone();
        let usable = usable.filter(|token| Some(token.login) != refused && now < token.expires_at);
        if let Some(token) = usable.as_ref().filter(|token| now < token.renew_at) {
            return Ok(token.clone());
        }
        if own.failed.is_some_and(|at| at.elapsed() < HOLD_OFF) {
            return usable.ok_or(KeystoneError::LoginFailedLately);
        }
        own.logins += 1;
        match self.login(own.logins).await {
            Ok(token) => {
                own.failed = None;
                own.token = Some(token.clone());
                Ok(token)
            }
            Err(error) => {
                own.failed = Some(Instant::now());
                match usable {
                    Some(token) => {
                        let error = &error as &dyn Error;
                        tracing::warn!(error, "the login at Keystone could not be renewed yet");
                        Ok(token)
                    }
                    None => Err(error),
                }
            }
        }
    }

    #[tracing::instrument(name = "keystone.login", skip_all, err)]
    async fn login(&self, login: u64) -> Result<OwnToken, KeystoneError> {
        let body = self.settings.login.body().to_string();
        let url = self.settings.login.url();
        let build = |client: &reqwest::Client| {
            client
                .post(&url)
                .header(header::ACCEPT, "application/json")
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.clone())
        };
        let reply = self.requests.send(build).await?;
        if reply.status != StatusCode::CREATED {
            return Err(KeystoneError::LoginRefused(reply.status.as_u16()));
        }
        OwnToken::of(&reply, &self.settings, self.clock.now(), login)
    }
}
