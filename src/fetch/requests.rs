//! Requests, and the redirects that answer them.

use std::{fmt, sync::Arc};

use http::{
    Method,
    header::{ACCEPT, ACCEPT_ENCODING, IF_RANGE, LOCATION, RANGE},
};
use reqwest::{Client, Response};
use tokio::time::timeout;

use crate::fetch::{
    CheckedUrl, FetchError, diagnosis, filter::Filter, resume::Rest, retries::Retries,
    timing::Timing,
};

/// What of a content is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// All of it.
    All,
    /// What was not taken yet.
    Rest(&'a Rest),
    /// What is said of it.
    Head,
}

impl Wanted<'_> {
    const fn method(self) -> Method {
        match self {
            Self::All | Self::Rest(_) => Method::GET,
            Self::Head => Method::HEAD,
        }
    }
}

/// Sends requests, to addresses only that the filter permits.
pub(super) struct Requests {
    /// Connects only to what the guarded resolver gives, and follows no redirect by itself.
    pub(super) client: Client,
    /// Judges the target of every redirect.
    pub(super) filter: Arc<Filter>,
    /// How long things may take.
    pub(super) timing: Timing,
    /// How many redirects are followed.
    pub(super) max_redirects: u32,
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests")
            .field("filter", &self.filter)
            .field("timing", &self.timing)
            .finish_non_exhaustive()
    }
}

impl Requests {
    /// Repeats a request that broke with `cause` for as long as it may pass and `retries` last.
    pub(super) async fn ask_again(
        &self,
        url: &CheckedUrl,
        wanted: Wanted<'_>,
        retries: &mut Retries,
        mut cause: FetchError,
    ) -> Result<Answer, FetchError> {
        while cause.may_pass() && retries.take().await {
            tracing::info!(url = %url, cause = %cause, "a fetch is tried again");
            match self.ask(url, wanted).await {
                Ok(answer) => return Ok(answer),
                Err(error) => cause = error,
            }
        }
        Err(cause)
    }

    /// Asks for what is wanted of the content of `url`, and follows redirects.
    pub(super) async fn ask(
        &self,
        url: &CheckedUrl,
        wanted: Wanted<'_>,
    ) -> Result<Answer, FetchError> {
        let mut url = url.clone();
        for _ in 0..=self.max_redirects {
            let response = self.send(&url, wanted).await?;
            if ![301, 302, 303, 307, 308].contains(&response.status().as_u16()) {
                return Answer { url, response }.accepted(wanted);
            }
            let location = response.headers().get(LOCATION);
            let location = location
                .and_then(|location| location.to_str().ok())
                .ok_or(FetchError::Redirect)?;
            url = self.filter.follow(&url, location)?.after(&url);
        }
        Err(FetchError::TooManyRedirects(self.max_redirects))
    }

    /// Sends one request and waits for the head of its answer.
    async fn send(&self, url: &CheckedUrl, wanted: Wanted<'_>) -> Result<Response, FetchError> {
        let mut request = self
            .client
            .request(wanted.method(), url.as_url().clone())
            .header(ACCEPT, "*/*")
            .header(ACCEPT_ENCODING, "identity");
        if let Some(token) = url.token() {
            request = request.header("x-auth-token", token);
        }
        if let Wanted::Rest(rest) = wanted {
            request = request.header(RANGE, rest.range());
            if let Some(validator) = rest.if_range() {
                request = request.header(IF_RANGE, validator);
            }
        }
        let Timing { connect, idle, .. } = self.timing;
        match timeout(connect + idle, request.send()).await {
            Ok(sent) => sent.map_err(|error| diagnosis::of_request(error, url)),
            Err(_) => Err(FetchError::Stalled(idle)),
        }
    }
}

/// The head of an answer that may be read.
pub(super) struct Answer {
    /// Where it came from, after all redirects.
    pub(super) url: CheckedUrl,
    /// The answer, of which only the head was read.
    pub(super) response: Response,
}

impl Answer {
    /// Lets it through if it has what was asked for.
    fn accepted(self, wanted: Wanted<'_>) -> Result<Self, FetchError> {
        let status = self.response.status();
        match wanted {
            Wanted::Rest(rest) => rest.accept(status, self.response.headers())?,
            Wanted::All | Wanted::Head if status == http::StatusCode::OK => {}
            Wanted::All | Wanted::Head => return Err(FetchError::Status(status.as_u16())),
        }
        Ok(self)
    }
}
