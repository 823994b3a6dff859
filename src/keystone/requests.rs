//! Requests to Keystone, each within its bounds.

use std::{cmp::min, time::Duration};

use http::{HeaderMap, StatusCode};
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use crate::keystone::{KeystoneError, Transport, tls};

/// The most bytes of an answer. A token with the catalog of a large cloud has some 100 KiB.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// How long to wait before the first repetition; before each further one twice as long.
const PAUSE: Duration = Duration::from_millis(100);

/// How long to wait before a repetition at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Sends requests, and repeats what did not come through.
#[derive(Debug)]
pub(super) struct Requests {
    client: Client,
    timeout: Duration,
    retries: u32,
}

/// An answer, read to its end.
pub(super) struct Reply {
    /// The status, never one of a redirect or of a fault of Keystone's.
    pub(super) status: StatusCode,
    /// The headers.
    pub(super) headers: HeaderMap,
    body: Vec<u8>,
}

impl Requests {
    /// # Errors
    ///
    /// [`KeystoneError::TlsFile`] or [`KeystoneError::Setup`].
    pub(super) fn new(transport: &Transport) -> Result<Self, KeystoneError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client_config(transport)?)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .timeout(transport.timeout)
            .user_agent("hallmark")
            .build()
            .map_err(|error| KeystoneError::Setup(error.into()))?;
        Ok(Self {
            client,
            timeout: transport.timeout,
            retries: transport.retries,
        })
    }

    /// Sends what `build` makes, again if no connection comes about or Keystone has a fault. What
    /// took its whole time is not repeated.
    pub(super) async fn send(
        &self,
        build: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, KeystoneError> {
        let mut pause = PAUSE;
        for _ in 0..self.retries {
            match self.send_once(&build).await {
                Err(error @ (KeystoneError::Unreachable(_) | KeystoneError::Status(_))) => {
                    tracing::info!(
                        error = &error as &dyn std::error::Error,
                        "a request to Keystone is sent again"
                    );
                }
                other => return other,
            }
            sleep(pause).await;
            pause = min(pause * 2, LONGEST_PAUSE);
        }
        self.send_once(&build).await
    }

    async fn send_once(
        &self,
        build: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, KeystoneError> {
        let response = build(&self.client).send().await;
        let response = response.map_err(|error| self.fault(error))?;
        let status = response.status();
        match status.as_u16() {
            code @ 300..400 => Err(KeystoneError::Redirected(code)),
            code @ 500.. => Err(KeystoneError::Status(code)),
            _ => Ok(Reply {
                status,
                headers: response.headers().clone(),
                body: self.read(response).await?,
            }),
        }
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, KeystoneError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.fault(error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(KeystoneError::TooLarge(MAX_ANSWER));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn fault(&self, error: reqwest::Error) -> KeystoneError {
        if error.is_timeout() {
            KeystoneError::TimedOut(self.timeout)
        } else {
            KeystoneError::Unreachable(error.without_url())
        }
    }
}

impl Reply {
    /// The body as `what`, if it is that.
    pub(super) fn json<T: DeserializeOwned>(&self, what: &'static str) -> Result<T, KeystoneError> {
        // The error's own text may quote the answer.
        serde_json::from_slice(&self.body).map_err(|_| KeystoneError::Malformed(what))
    }
}
