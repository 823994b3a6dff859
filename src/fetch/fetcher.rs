//! The door itself: a check of what is asked for, and then the asking.

use std::{fmt, net::IpAddr, sync::Arc};

use reqwest::{Client, redirect::Policy};
use tokio::time::{Instant, timeout_at};

use crate::fetch::{
    CheckedUrl, Download, FetchError, FilterSettings, Refused, Resolve, Settings, SystemResolver,
    download::{Bounds, Request},
    filter::Filter,
    requests::{Answer, Requests, Wanted},
    resolve::{ClientResolver, GuardedResolver},
    resume::{Content, Rest},
    retries::Retries,
    timing::Timing,
    tls,
};

/// Sends every request that leaves this process. Clones share everything.
#[derive(Clone)]
pub struct Fetcher {
    requests: Arc<Requests>,
    resolver: Arc<GuardedResolver>,
    retries: u32,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher")
            .field("requests", &self.requests)
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
        let requests = Requests {
            client,
            filter,
            timing,
            max_redirects: settings.max_redirects,
        };
        Ok(Self {
            requests: Arc::new(requests),
            resolver,
            retries: settings.retries,
        })
    }

    /// Passes `uri` through every rule that needs no lookup.
    ///
    /// # Errors
    ///
    /// The rule that refuses it, in words for who wrote it.
    pub fn check(&self, uri: &str) -> Result<CheckedUrl, Refused> {
        self.requests.filter.check(uri)
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
        match self.resolver.permitted(url.host()).await {
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
        let (answer, request, deadline) = self.ask(url, Wanted::All).await?;
        Download::new(answer, request, Bounds { max_size, deadline })
    }

    /// How many bytes the content of `url` has, if its server says so. Nothing of it is read.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    #[tracing::instrument(name = "fetch.size", skip_all, fields(url = %url))]
    pub async fn size(&self, url: CheckedUrl) -> Result<Option<u64>, FetchError> {
        let told = match self.ask(url.clone(), Wanted::Head).await {
            Ok((answer, ..)) => Content::of(answer.response.headers()).size,
            // Not every server knows such a request.
            Err(FetchError::Status(_)) => None,
            Err(error) => return Err(error),
        };
        match told {
            Some(size) => Ok(Some(size)),
            None => Ok(self.open(url, u64::MAX).await?.size()),
        }
    }

    /// Asks for what comes after the first `taken` bytes of the content of `url`, which has `size`
    /// bytes in all; otherwise as [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// [`FetchError::Changed`] if the server gives no parts, or has content of another size.
    #[tracing::instrument(name = "fetch.open_part", skip_all, fields(url = %url, taken))]
    pub async fn open_part(
        &self,
        url: CheckedUrl,
        taken: u64,
        size: u64,
    ) -> Result<Download, FetchError> {
        let rest = Rest::unseen(taken, size);
        let (answer, request, deadline) = self.ask(url, Wanted::Rest(&rest)).await?;
        let bounds = Bounds {
            max_size: size,
            deadline,
        };
        Ok(Download::of_part(answer, request, bounds, (taken, size)))
    }

    /// Asks for what is wanted of the content of `url`. With the answer comes the request, to
    /// ask again, and the time at which the whole download must have ended.
    async fn ask(
        &self,
        url: CheckedUrl,
        wanted: Wanted<'_>,
    ) -> Result<(Answer, Request, Instant), FetchError> {
        let requests = Arc::clone(&self.requests);
        let timing = requests.timing;
        let deadline = Instant::now() + timing.total;
        let mut retries = Retries::new(self.retries, timing.pause, timing.longest_pause);
        let asking = async {
            match requests.ask(&url, wanted).await {
                Ok(answer) => Ok(answer),
                Err(cause) => requests.ask_again(&url, wanted, &mut retries, cause).await,
            }
        };
        let answer = timeout_at(deadline, asking)
            .await
            .map_err(|_| FetchError::TimedOut(timing.total))??;
        let request = Request {
            requests,
            url,
            retries,
        };
        Ok((answer, request, deadline))
    }
}
