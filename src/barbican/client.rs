//! Asking Barbican.

use std::{fmt, time::Duration};

use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::Url;
use serde::Deserialize;
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    barbican::{BarbicanError, Settings},
    cloud::{CloudError, Fault, Reply, Requests},
    domain::{Credentials, SecretId},
};

const SERVICE: &str = "Barbican";
/// The type of the service in catalogs.
const SERVICE_TYPE: &str = "key-manager";
/// The version of the API, which is the last part of its address.
const VERSION: &str = "v1";

const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const JSON: &str = "application/json";
/// Barbican gives out secrets that are texts under this type, too.
const BYTES: &str = "application/octet-stream";

/// How many requests are under way at a time; further ones wait.
const MAX_IN_FLIGHT: usize = 32;

/// How many times the time of one request everything together may take.
const PATIENCE: u32 = 3;

/// A client of Barbican.
pub struct Barbican {
    settings: Settings,
    requests: Requests,
    slots: Semaphore,
}

/// What Barbican says about a secret.
#[derive(Deserialize)]
struct Secret {
    secret_type: String,
}

impl Barbican {
    /// A client that reaches Barbican as `settings` say.
    ///
    /// # Errors
    ///
    /// [`Fault::TlsFile`] or [`Fault::Setup`] if they cannot be used.
    pub fn new(settings: Settings) -> Result<Self, CloudError> {
        Ok(Self {
            requests: Requests::new(SERVICE, &settings.transport)?,
            settings,
            slots: Semaphore::new(MAX_IN_FLIGHT),
        })
    }

    /// The certificate `id`, as far as the bearer of `credentials` may read it.
    ///
    /// # Errors
    ///
    /// [`BarbicanError`] if there is none, or it cannot be told.
    #[tracing::instrument(name = "barbican.certificate", skip_all, fields(certificate.id = %id))]
    pub async fn certificate(
        &self,
        credentials: &Credentials,
        id: SecretId,
    ) -> Result<Vec<u8>, BarbicanError> {
        let url = format!("{}/secrets/{id}", self.address(credentials)?);
        let patience = self.settings.transport.timeout * PATIENCE;
        let asking = async {
            let _slot = self.slots.acquire().await;
            let about = self.get(&url, JSON, credentials).await?;
            let about: Secret = about.json("what Barbican says about a secret")?;
            if about.secret_type != "certificate" {
                return Err(BarbicanError::NotACertificate);
            }
            let url = format!("{url}/payload");
            Ok(self.get(&url, BYTES, credentials).await?.into_body())
        };
        within(patience, asking).await
    }

    /// Deletes the key `id`, if the bearer of `credentials` may.
    ///
    /// # Errors
    ///
    /// [`BarbicanError`] if it is still there, or cannot be told of.
    #[tracing::instrument(name = "barbican.delete", skip_all, fields(key.id = %id))]
    pub async fn delete(
        &self,
        credentials: &Credentials,
        id: SecretId,
    ) -> Result<(), BarbicanError> {
        let url = format!("{}/secrets/{id}", self.address(credentials)?);
        let patience = self.settings.transport.timeout * PATIENCE;
        let asking = async {
            let _slot = self.slots.acquire().await;
            let deleted = self.ask(Method::DELETE, &url, JSON, credentials).await;
            deleted.map(drop)
        };
        within(patience, asking).await
    }

    /// The address of the API, with its version and without a slash at its end.
    fn address(&self, credentials: &Credentials) -> Result<String, BarbicanError> {
        let settings = &self.settings;
        let named = settings.endpoint.as_deref();
        let region = settings.region_name.as_deref();
        let endpoint = named
            .or_else(|| credentials.endpoint(SERVICE_TYPE, settings.interface.as_str(), region))
            .ok_or(BarbicanError::NoEndpoint)?;
        let endpoint = endpoint.trim_end_matches('/');
        let is_versioned = endpoint.rsplit('/').next() == Some(VERSION);
        Ok(if is_versioned {
            endpoint.to_owned()
        } else {
            format!("{endpoint}/{VERSION}")
        })
    }

    async fn get(
        &self,
        url: &str,
        accept: &'static str,
        credentials: &Credentials,
    ) -> Result<Reply, BarbicanError> {
        self.ask(Method::GET, url, accept, credentials).await
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        accept: &'static str,
        credentials: &Credentials,
    ) -> Result<Reply, BarbicanError> {
        let url = Url::parse(url);
        let url = url.map_err(|_| Fault::Malformed("an address in the catalog").of(SERVICE))?;
        let token = HeaderValue::from_str(credentials.token());
        let mut token = token.map_err(|_| BarbicanError::TokenRefused)?;
        token.set_sensitive(true);
        let build = |client: &reqwest::Client| {
            client
                .request(method.clone(), url.clone())
                .header(header::ACCEPT, accept)
                .header(AUTH_TOKEN, token.clone())
        };
        let reply = self.requests.send(build).await?;
        match reply.status {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(reply),
            StatusCode::UNAUTHORIZED => Err(BarbicanError::TokenRefused),
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Err(BarbicanError::NoSuchSecret),
            other => Err(Fault::Status(other.as_u16()).of(SERVICE).into()),
        }
    }
}

impl fmt::Debug for Barbican {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barbican")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

async fn within<T>(
    patience: Duration,
    asking: impl Future<Output = Result<T, BarbicanError>>,
) -> Result<T, BarbicanError> {
    let asked = timeout(patience, asking).await;
    asked.unwrap_or_else(|_| Err(Fault::TimedOut(patience).of(SERVICE).into()))
}
