//! Requests to one service, each within its bounds.

use std::{cmp::min, time::Duration};

use http::{HeaderMap, StatusCode};
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use crate::cloud::{CloudError, Fault, Transport, tls};

/// The most bytes of an answer. A token with the catalog of a large cloud has some 100 KiB.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// How long to wait before the first repetition; before each further one twice as long.
const PAUSE: Duration = Duration::from_millis(100);

/// How long to wait before a repetition at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Sends requests to one service, and repeats what did not come through.
#[derive(Debug)]
pub struct Requests {
    service: &'static str,
    client: Client,
    timeout: Duration,
    retries: u32,
}

/// An answer, read to its end.
pub struct Reply {
    /// The status, never one of a redirect or of a fault of the service's.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    service: &'static str,
    body: Vec<u8>,
}

impl Requests {
    /// Requests to the service of this name, which errors tell.
    ///
    /// # Errors
    ///
    /// [`Fault::TlsFile`] or [`Fault::Setup`].
    pub fn new(service: &'static str, transport: &Transport) -> Result<Self, CloudError> {
        let config = tls::client_config(transport).map_err(|fault| fault.of(service))?;
        let client = Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .timeout(transport.timeout)
            .user_agent("hallmark")
            .build()
            .map_err(|error| Fault::Setup(error.into()).of(service))?;
        Ok(Self {
            service,
            client,
            timeout: transport.timeout,
            retries: transport.retries,
        })
    }

    /// Sends what `build` makes, again if no connection comes about or the service has a fault.
    /// What took its whole time is not repeated.
    ///
    /// # Errors
    ///
    /// [`CloudError`] if there is no answer, or one of a fault or a redirect.
    pub async fn send(
        &self,
        build: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, CloudError> {
        let mut pause = PAUSE;
        for _ in 0..self.retries {
            match self.send_once(&build).await {
                Err(fault @ (Fault::Unreachable(_) | Fault::Status(_))) => {
                    tracing::info!(
                        service = self.service,
                        error = &fault as &dyn std::error::Error,
                        "a request to another service is sent again"
                    );
                }
                other => return other.map_err(|fault| fault.of(self.service)),
            }
            sleep(pause).await;
            pause = min(pause * 2, LONGEST_PAUSE);
        }
        let sent = self.send_once(&build).await;
        sent.map_err(|fault| fault.of(self.service))
    }

    async fn send_once(
        &self,
        build: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, Fault> {
        let response = build(&self.client).send().await;
        let response = response.map_err(|error| self.fault(error))?;
        let status = response.status();
        match status.as_u16() {
            code @ 300..400 => Err(Fault::Redirected(code)),
            code @ 500.. => Err(Fault::Status(code)),
            _ => Ok(Reply {
                status,
                headers: response.headers().clone(),
                service: self.service,
                body: self.read(response).await?,
            }),
        }
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.fault(error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Fault::TooLarge(MAX_ANSWER));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn fault(&self, error: reqwest::Error) -> Fault {
        if error.is_timeout() {
            Fault::TimedOut(self.timeout)
        } else {
            Fault::Unreachable(error.without_url())
        }
    }
}

impl Reply {
    /// The body as `what`, if it is that.
    ///
    /// # Errors
    ///
    /// [`Fault::Malformed`]
    pub fn json<T: DeserializeOwned>(&self, what: &'static str) -> Result<T, CloudError> {
        // The error's own text may quote the answer.
        serde_json::from_slice(&self.body).map_err(|_| Fault::Malformed(what).of(self.service))
    }

    /// The body itself.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }
}
