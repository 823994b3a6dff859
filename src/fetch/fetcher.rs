//! Requests, and the redirects that answer them.

use std::{fmt, net::IpAddr, sync::Arc};

use http::header::{ACCEPT, ACCEPT_ENCODING, IF_RANGE, LOCATION, RANGE};
use reqwest::{Client, Response, redirect::Policy};
use tokio::time::{Instant, timeout, timeout_at};

use crate::fetch::{
    CheckedUrl, Download, FetchError, FilterSettings, Refused, Resolve, Settings, SystemResolver,
    download::{Bounds, Request},
    filter::Filter,
    resolve::{ClientResolver, GuardedResolver},
    resume::Rest,
    retries::Retries,
    timing::Timing,
    tls,
};

/// Sends every request that leaves this process. Clones share everything.
#[derive(Clone)]
pub struct Fetcher(Arc<Inner>);

struct Inner {
    client: Client,
    filter: Arc<Filter>,
    resolver: Arc<GuardedResolver>,
    timing: Timing,
    max_redirects: u32,
    retries: u32,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher")
            .field("filter", &self.0.filter)
            .field("timing", &self.0.timing)
            .finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher that looks names up with the operating system.
    ///
    /// # Errors
    ///
    /// [`FetchError::CaFile`] or [`FetchError::Setup`] if the settings cannot be used.
    pub fn new(settings: &Settings, lists: &FilterSettings) -> Result<Self, FetchError> {
        Self::with_resolver(settings, lists, Arc::new(SystemResolver))
    }

    /// A fetcher that looks names up with `resolver`; what it gives is guarded all the same.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_resolver(
        settings: &Settings,
        lists: &FilterSettings,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Self, FetchError> {
        Self::with_timing(settings, lists, resolver, settings.into())
    }

    /// A fetcher with other times than the settings can say.
    pub(super) fn with_timing(
        settings: &Settings,
        lists: &FilterSettings,
        resolver: Arc<dyn Resolve>,
        timing: Timing,
    ) -> Result<Self, FetchError> {
        let filter = Arc::new(Filter::new(settings, lists));
        let resolver = Arc::new(GuardedResolver {
            inner: resolver,
            filter: Arc::clone(&filter),
            patience: timing.connect,
        });
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client_config(settings.ca_file.as_deref())?)
            .dns_resolver(ClientResolver(Arc::clone(&resolver)))
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            // A kept connection would go to an address that was judged long ago.
            .pool_max_idle_per_host(0)
            .connect_timeout(timing.connect)
            .user_agent(&settings.user_agent)
            .build()
            .map_err(|error| FetchError::Setup(error.into()))?;
        Ok(Self(Arc::new(Inner {
            client,
            filter,
            resolver,
            timing,
            max_redirects: settings.max_redirects,
            retries: settings.retries,
        })))
    }

    /// Passes `uri` through every rule that needs no lookup.
    ///
    /// # Errors
    ///
    /// The rule that refuses it, in words for who wrote it.
    pub fn check(&self, uri: &str) -> Result<CheckedUrl, Refused> {
        self.0.filter.check(uri)
    }

    /// Makes sure that the host of `url` has an address that may be connected to, now.
    ///
    /// This is for an early answer only: [`open`](Self::open) judges what it connects to.
    ///
    /// # Errors
    ///
    /// [`FetchError::UnknownHost`] or [`FetchError::Forbidden`].
    pub async fn check_resolves(&self, url: &CheckedUrl) -> Result<(), FetchError> {
        if url.host().parse::<IpAddr>().is_ok() {
            return Ok(());
        }
        match self.0.resolver.permitted(url.host()).await {
            Ok(_) => Ok(()),
            Err(fault) => Err((&fault).into()),
        }
    }

    /// Asks for the content of `url`, of at most `max_size` bytes; follows redirects and, within
    /// the settings, tries again what may pass.
    ///
    /// The time for the whole download runs from here.
    ///
    /// # Errors
    ///
    /// [`FetchError`] tells what is wrong with the way there or with the answer;
    /// [`FetchError::TooLarge`] if the server already says that it has more.
    #[tracing::instrument(name = "fetch.open", skip_all, fields(url = %url))]
    pub async fn open(&self, url: CheckedUrl, max_size: u64) -> Result<Download, FetchError> {
        let timing = self.0.timing;
        let deadline = Instant::now() + timing.total;
        let mut retries = Retries::new(self.0.retries, timing.pause, timing.longest_pause);
        let asking = async {
            match self.ask(&url, None).await {
                Ok(answer) => Ok(answer),
                Err(cause) => self.ask_again(&url, None, &mut retries, cause).await,
            }
        };
        let answer = timeout_at(deadline, asking)
            .await
            .map_err(|_| FetchError::TimedOut(timing.total))??;
        let fetcher = self.clone();
        let request = Request {
            fetcher,
            url,
            retries,
        };
        Download::new(answer, request, Bounds { max_size, deadline })
    }

    /// Repeats a request that broke with `cause` for as long as it may pass and `retries` last.
    pub(super) async fn ask_again(
        &self,
        url: &CheckedUrl,
        rest: Option<&Rest>,
        retries: &mut Retries,
        mut cause: FetchError,
    ) -> Result<Answer, FetchError> {
        while cause.may_pass() && retries.take().await {
            tracing::info!(url = %url, cause = %cause, "a fetch is tried again");
            match self.ask(url, rest).await {
                Ok(answer) => return Ok(answer),
                Err(error) => cause = error,
            }
        }
        Err(cause)
    }

    /// Asks for the content of `url`, or for the rest of it, and follows redirects.
    async fn ask(&self, url: &CheckedUrl, rest: Option<&Rest>) -> Result<Answer, FetchError> {
        let mut url = url.clone();
        for _ in 0..=self.0.max_redirects {
            let response = self.send(&url, rest).await?;
            if ![301, 302, 303, 307, 308].contains(&response.status().as_u16()) {
                return Answer { url, response }.accepted(rest);
            }
            let location = response.headers().get(LOCATION);
            let location = location
                .and_then(|location| location.to_str().ok())
                .ok_or(FetchError::Redirect)?;
            url = self.0.filter.follow(&url, location)?;
        }
        Err(FetchError::TooManyRedirects(self.0.max_redirects))
    }

    /// Sends one request and waits for the head of its answer.
    async fn send(&self, url: &CheckedUrl, rest: Option<&Rest>) -> Result<Response, FetchError> {
        let mut request = self
            .0
            .client
            .get(url.as_url().clone())
            .header(ACCEPT, "*/*")
            .header(ACCEPT_ENCODING, "identity");
        if let Some(rest) = rest {
            request = request
                .header(RANGE, rest.range())
                .header(IF_RANGE, rest.if_range());
        }
        let Timing { connect, idle, .. } = self.0.timing;
        match timeout(connect + idle, request.send()).await {
            Ok(sent) => sent.map_err(|error| FetchError::of_request(error, url)),
            Err(_) => Err(FetchError::Stalled(idle)),
        }
    }

    /// How long things may take.
    pub(super) fn timing(&self) -> Timing {
        self.0.timing
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
    fn accepted(self, rest: Option<&Rest>) -> Result<Self, FetchError> {
        let status = self.response.status();
        match rest {
            Some(rest) => rest.accept(status, self.response.headers())?,
            None if status == http::StatusCode::OK => {}
            None => return Err(FetchError::Status(status.as_u16())),
        }
        Ok(self)
    }
}
