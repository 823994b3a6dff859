//! What Keystone lets a project have: unified limits, asked for as oslo.limit does.

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::sync::{Mutex, OnceCell};

use crate::{
    cloud::Interface,
    domain::{Clock, Limit, ProjectLimits, Resource, Timestamp},
    keystone::{KeystoneError, Session, Settings},
};

/// How long what Keystone registered for every project is taken to be unchanged.
const REGISTERED_FOR: Duration = Duration::from_mins(1);

/// What `[oslo_limit]` says.
#[derive(Debug, Clone)]
pub struct LimitsSettings {
    /// How Keystone is reached, by a user who may read limits.
    pub session: Settings,
    /// Which endpoint the limits belong to.
    pub endpoint: Place,
}

/// The registry's own endpoint in Keystone's catalog, to which limits belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The endpoint with this id.
    Id(String),
    /// The one endpoint that fits.
    Search {
        /// The type of the service.
        service_type: Option<String>,
        /// The name of the service.
        service_name: Option<String>,
        /// The region; none: any.
        region: Option<String>,
        /// The interface.
        interface: Interface,
    },
}

/// What Keystone lets projects have. A limit of the project itself wins over the one that is
/// registered for all; what has neither may not be had.
pub struct Limits {
    session: Session,
    place: Place,
    clock: Arc<dyn Clock>,
    endpoint: OnceCell<Endpoint>,
    registered: Mutex<Option<(Timestamp, ProjectLimits)>>,
}

#[derive(Debug, Deserialize)]
struct Endpoint {
    service_id: String,
    region_id: Option<String>,
}

#[derive(Deserialize)]
struct OneEndpoint {
    endpoint: Endpoint,
}

#[derive(Deserialize)]
struct Endpoints {
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Services {
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    id: String,
}

#[derive(Deserialize)]
struct RegisteredLimits {
    registered_limits: Vec<RegisteredLimit>,
}

#[derive(Deserialize)]
struct RegisteredLimit {
    resource_name: String,
    default_limit: i64,
}

#[derive(Deserialize)]
struct OwnLimits {
    limits: Vec<OwnLimit>,
}

#[derive(Deserialize)]
struct OwnLimit {
    resource_name: String,
    resource_limit: i64,
    project_id: Option<String>,
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("session", &self.session)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl Limits {
    /// Limits that are asked for when they are first needed.
    ///
    /// # Errors
    ///
    /// As [`Session::new`].
    pub fn new(settings: LimitsSettings, clock: Arc<dyn Clock>) -> Result<Self, KeystoneError> {
        Ok(Self {
            session: Session::new(settings.session, Arc::clone(&clock))?,
            place: settings.endpoint,
            clock,
            endpoint: OnceCell::new(),
            registered: Mutex::new(None),
        })
    }

    /// What the project may have, now. What is registered for all projects may be a minute old.
    ///
    /// # Errors
    ///
    /// [`KeystoneError`] if Keystone gives no clear answer; then nothing may be had.
    #[tracing::instrument(name = "keystone.limits", skip_all, fields(project.id = project_id))]
    pub async fn of(&self, project_id: &str) -> Result<ProjectLimits, KeystoneError> {
        let endpoint = self
            .endpoint
            .get_or_try_init(|| self.find_endpoint())
            .await?;
        let mut limits = self.registered(endpoint).await?;
        let mut query = endpoint.query();
        query.push(("project_id", project_id));
        let own: OwnLimits = self.get("limits", &query, "a list of limits").await?;
        for limit in own.limits {
            let is_own = limit.project_id.as_deref() == Some(project_id);
            if let Some(resource) = resource(&limit.resource_name).filter(|_| is_own) {
                limits.set(resource, amount(limit.resource_limit));
            }
        }
        Ok(limits)
    }

    async fn registered(&self, endpoint: &Endpoint) -> Result<ProjectLimits, KeystoneError> {
        let mut known = self.registered.lock().await;
        let now = self.clock.now();
        if let Some((until, limits)) = *known
            && now < until
        {
            return Ok(limits);
        }
        let what = "a list of registered limits";
        let registered: RegisteredLimits = self
            .get("registered_limits", &endpoint.query(), what)
            .await?;
        let mut limits = ProjectLimits::default();
        for limit in registered.registered_limits {
            if let Some(resource) = resource(&limit.resource_name) {
                limits.set(resource, amount(limit.default_limit));
            }
        }
        *known = Some((now.plus(REGISTERED_FOR), limits));
        Ok(limits)
    }

    async fn find_endpoint(&self) -> Result<Endpoint, KeystoneError> {
        let (service_type, service_name, region, interface) = match &self.place {
            Place::Id(id) => {
                let path = format!("endpoints/{id}");
                let found: OneEndpoint = self.get(&path, &[], "an endpoint").await?;
                return Ok(found.endpoint);
            }
            Place::Search {
                service_type,
                service_name,
                region,
                interface,
            } => (service_type, service_name, region, interface),
        };
        let named = [("type", service_type), ("name", service_name)];
        let query = named
            .iter()
            .filter_map(|(key, value)| Some((*key, value.as_deref()?)));
        let query: Vec<_> = query.collect();
        let services: Services = self.get("services", &query, "a list of services").await?;
        let service = one("services", services.services)?;
        let mut query = vec![
            ("service_id", service.id.as_str()),
            ("interface", interface.as_str()),
        ];
        query.extend(region.as_deref().map(|region| ("region_id", region)));
        let endpoints: Endpoints = self.get("endpoints", &query, "a list of endpoints").await?;
        one("endpoints", endpoints.endpoints)
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        what: &'static str,
    ) -> Result<T, KeystoneError> {
        let reply = self.session.get(path, query, HeaderMap::new()).await?;
        match reply.status {
            StatusCode::OK => Ok(reply.json(what)?),
            other => Err(KeystoneError::status(other)),
        }
    }
}

impl Endpoint {
    fn query(&self) -> Vec<(&str, &str)> {
        let region = self.region_id.as_deref();
        let region = region.map(|region| ("region_id", region));
        [("service_id", self.service_id.as_str())]
            .into_iter()
            .chain(region)
            .collect()
    }
}

fn one<T>(what: &'static str, mut found: Vec<T>) -> Result<T, KeystoneError> {
    let count = found.len();
    match found.pop() {
        Some(only) if count == 1 => Ok(only),
        _ => Err(KeystoneError::NotOne { what, found: count }),
    }
}

fn resource(name: &str) -> Option<Resource> {
    Resource::ALL
        .into_iter()
        .find(|known| known.as_str() == name)
}

/// A negative limit is none.
fn amount(limit: i64) -> Limit {
    u64::try_from(limit).map_or(Limit::Unlimited, Limit::AtMost)
}
