//! Callers who bring a token of Keystone's.

mod access_rules;
mod cache;
mod service_token;
mod settings;

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderValue};

pub use self::settings::{CacheSettings, KeystoneSettings, ServiceTokenRoles};
use self::{cache::Tokens, service_token::ServiceTokens};
use crate::{
    auth::{AuthError, Request, Unauthenticated, token_header::Header},
    domain::{Caller, Clock, Credentials, Reach},
    keystone::{Expired, KeystoneError, Scope, Session, Validated},
};

const USER: Header = Header("x-auth-token");
/// The name that the header of users had once.
const LEGACY_USER: Header = Header("x-storage-token");
const SERVICE: Header = Header("x-service-token");

/// Asks Keystone who the bearer of a token is. Clones share what is known.
///
/// - No identity header of a client is looked at, only its tokens.
/// - A token that may not be valid is no caller: without a clear answer there is an error.
/// - A service's token that is not acceptable changes nothing. One that is lets the user's token
///   be one that has expired, frees it of its access rules, and brings the service's roles; it
///   does not touch what the user's token is for.
#[derive(Clone)]
pub struct Keystone(Arc<Inner>);

struct Inner {
    tokens: Tokens,
    services: ServiceTokens,
    service_type: Option<String>,
    anonymous: Anonymous,
    challenge: HeaderValue,
}

/// What becomes of who brings no token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Anonymous {
    /// They are refused.
    #[default]
    Refused,
    /// They may read what is public.
    Reads,
}

/// A calling service.
#[derive(Default)]
struct Service {
    roles: Vec<String>,
    /// Whether it may vouch for a user whose token has expired.
    vouches: bool,
    is_acceptable: bool,
}

impl fmt::Debug for Keystone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keystone")
            .field("tokens", &self.0.tokens)
            .field("service_type", &self.0.service_type)
            .field("anonymous", &self.0.anonymous)
            .finish_non_exhaustive()
    }
}

impl Keystone {
    /// An authenticator that reaches Keystone as `settings` say, and treats those without a token
    /// as `anonymous` says.
    ///
    /// # Errors
    ///
    /// [`KeystoneError::Cloud`] if the settings cannot be used.
    pub fn new(
        settings: KeystoneSettings,
        anonymous: Anonymous,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeystoneError> {
        let uri = &settings.www_authenticate_uri;
        let challenge = HeaderValue::try_from(format!("Keystone uri=\"{uri}\""))
            .map_err(KeystoneError::setup)?;
        let session = Session::new(settings.session, Arc::clone(&clock))?;
        Ok(Self(Arc::new(Inner {
            tokens: Tokens::new(session, settings.cache, settings.catalog, clock),
            services: ServiceTokens {
                roles: settings.service_token_roles,
                need: settings.service_token_need,
            },
            service_type: settings.service_type,
            anonymous,
            challenge,
        })))
    }

    /// What `WWW-Authenticate` tells those who are refused.
    #[must_use]
    pub fn challenge(&self) -> &HeaderValue {
        &self.0.challenge
    }

    /// How many answers of Keystone are kept, roughly.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.0.tokens.known()
    }

    /// Who sends `request`.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if that is not known.
    pub async fn authenticate(&self, request: Request<'_>) -> Result<Caller, AuthError> {
        let Some(user) = user_token(request.headers)? else {
            return match self.0.anonymous {
                Anonymous::Reads => Ok(Caller::anonymous(request.request_id)),
                Anonymous::Refused => Err(Unauthenticated::NoToken.into()),
            };
        };
        let service = self.service(request.headers).await?;
        let validated = self.user(user, &service).await?;
        if let Some(rules) = &validated.access_rules
            && !service.is_acceptable
        {
            access_rules::check(rules, self.0.service_type.as_deref(), &validated, &request)?;
        }
        let credentials = Credentials::new(user, Arc::clone(&validated.endpoints));
        Ok(Caller {
            credentials: Some(credentials),
            ..caller(&validated, service.roles, request.request_id)
        })
    }

    /// The service whose token is in `headers`; one that counts for nothing if there is none.
    async fn service(&self, headers: &HeaderMap) -> Result<Service, AuthError> {
        let Some(token) = SERVICE.one(headers).ok().flatten() else {
            return Ok(Service::default());
        };
        match self.0.tokens.get(token, Expired::Refused).await {
            Ok(validated) => Ok(self.0.services.judge(&validated)),
            Err(AuthError::Unauthenticated(reason)) => {
                tracing::info!(%reason, "the token of a calling service counts for nothing");
                Ok(Service::default())
            }
            Err(error) => Err(error),
        }
    }

    async fn user(&self, token: &str, service: &Service) -> Result<Arc<Validated>, AuthError> {
        if !service.vouches {
            return self.0.tokens.get(token, Expired::Refused).await;
        }
        match self.0.tokens.known_for(token, Expired::Refused).await {
            Some(validated) => Ok(validated),
            None => self.0.tokens.get(token, Expired::Allowed).await,
        }
    }
}

/// The token of the user, if there is one that can be asked about.
fn user_token(headers: &HeaderMap) -> Result<Option<&str>, Unauthenticated> {
    match USER.one(headers)? {
        Some(token) => Ok(Some(token)),
        None => LEGACY_USER.one(headers),
    }
}

fn caller(token: &Validated, service_roles: Vec<String>, request_id: String) -> Caller {
    let mut caller = Caller {
        user_id: Some(token.user_id.clone()),
        user_name: token.user_name.clone(),
        user_domain_id: token.user_domain_id.clone(),
        project_id: None,
        project_name: None,
        project_domain_id: None,
        domain_id: None,
        roles: token.roles.clone(),
        service_roles,
        reach: Reach::Project,
        credentials: None,
        request_id,
    };
    match &token.scope {
        Scope::Unscoped => {}
        Scope::Project {
            id,
            name,
            domain_id,
        } => {
            caller.project_id = Some(id.clone());
            caller.project_name.clone_from(name);
            caller.project_domain_id.clone_from(domain_id);
        }
        Scope::Domain { id } => {
            caller.reach = Reach::Domain;
            caller.domain_id = Some(id.clone());
        }
        Scope::System => caller.reach = Reach::System,
    }
    caller
}
