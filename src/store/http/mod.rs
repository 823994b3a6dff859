//! A store of images that web servers of others have: it reads them, and keeps nothing.

mod settings;
mod window;

use std::{collections::BTreeMap, io, ops::Range};

use async_trait::async_trait;
use serde_json::Value;

pub use self::settings::Settings;
use self::window::window;
use crate::{
    domain::{ImageId, Timestamp},
    fetch::{CheckedUrl, FetchError, Fetcher, Refused},
    store::{External, Found, InvalidAddress, Received, Registered, Store, StoreError},
    stream::{Incoming, Interrupted, Outgoing},
};

/// Images of web servers. Every request goes through a [`Fetcher`], with all its rules.
pub struct HttpStore {
    fetcher: Fetcher,
}

impl HttpStore {
    /// A store whose requests are made by `fetcher`.
    #[must_use]
    pub const fn new(fetcher: Fetcher) -> Self {
        Self { fetcher }
    }

    /// What a request for `url` is sent to. A fragment is never sent: it only tells two addresses
    /// of the same bytes apart.
    fn checked(&self, url: &str) -> Result<CheckedUrl, Refused> {
        let asked = url.split('#').next().unwrap_or_default();
        self.fetcher.check(asked)
    }

    /// The bytes after the first `taken`, from a server that may give no parts.
    async fn rest(
        &self,
        url: CheckedUrl,
        bytes: Registered<'_>,
        taken: u64,
    ) -> Result<Incoming, StoreError> {
        if taken > 0 {
            let part = self.fetcher.open_part(url.clone(), taken, bytes.size).await;
            match part {
                Ok(part) => return Ok(part.into_incoming()),
                // What was asked for as a whole tells whether there still are as many bytes.
                Err(FetchError::Changed) => {}
                Err(error) => return Err(unreadable(error, bytes)),
            }
        }
        let opened = self.fetcher.open(url, u64::MAX).await;
        let whole = opened.map_err(|error| unreadable(error, bytes))?;
        if let Some(actual) = whole.size().filter(|actual| *actual != bytes.size) {
            return Err(StoreError::Altered {
                image: bytes.image,
                expected: bytes.size,
                actual,
            });
        }
        Ok(window(whole.into_incoming(), taken, u64::MAX))
    }
}

fn unreadable(error: FetchError, bytes: Registered<'_>) -> StoreError {
    match error {
        FetchError::Status(404 | 410) => StoreError::NotFound(bytes.image),
        error => StoreError::Unavailable(io::Error::other(error)),
    }
}

#[async_trait]
impl External for HttpStore {
    fn schemes(&self) -> &'static [&'static str] {
        &["http", "https"]
    }

    fn check(&self, url: &str) -> Result<(), InvalidAddress> {
        let checked = self.checked(url);
        checked.map_err(|refused| InvalidAddress(refused.to_string()))?;
        Ok(())
    }

    async fn size(&self, url: &str) -> Result<Option<u64>, StoreError> {
        let size = match self.checked(url) {
            Ok(url) => self.fetcher.size(url).await,
            Err(refused) => Err(refused.into()),
        };
        Ok(size.map_err(Interrupted::from)?)
    }

    async fn fetch(&self, url: &str, max: u64) -> Result<Found, StoreError> {
        let opened = match self.checked(url) {
            Ok(url) => self.fetcher.open(url, max).await,
            Err(refused) => Err(refused.into()),
        };
        let download = opened.map_err(Interrupted::from)?;
        Ok(Found {
            size: download.size(),
            bytes: download.into_incoming(),
        })
    }

    async fn open(&self, bytes: Registered<'_>, taken: u64) -> Result<Outgoing, StoreError> {
        let checked = self.checked(bytes.url);
        let url = checked.map_err(|refused| unreadable(refused.into(), bytes))?;
        let rest = self.rest(url, bytes, taken).await?;
        let most = bytes.size.saturating_sub(taken).saturating_add(1);
        Ok(window::given(window(rest, 0, most)))
    }
}

#[async_trait]
impl Store for HttpStore {
    async fn receive(&self, _: ImageId, _: Incoming) -> Result<Box<dyn Received>, StoreError> {
        Err(StoreError::ReadOnly)
    }

    async fn open(&self, id: ImageId, _: Range<u64>) -> Result<Outgoing, StoreError> {
        Err(StoreError::NotFound(id))
    }

    async fn size(&self, id: ImageId) -> Result<u64, StoreError> {
        Err(StoreError::NotFound(id))
    }

    async fn delete(&self, _: ImageId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn list(&self) -> Result<Vec<ImageId>, StoreError> {
        Ok(Vec::new())
    }

    async fn published_at(&self, id: ImageId) -> Result<Option<Timestamp>, StoreError> {
        Err(StoreError::NotFound(id))
    }

    async fn unpublished(&self) -> Result<Vec<ImageId>, StoreError> {
        Ok(Vec::new())
    }

    async fn delete_unpublished(&self, _: ImageId) -> Result<(), StoreError> {
        Ok(())
    }

    fn url(&self, _: ImageId) -> String {
        String::new()
    }

    fn kind(&self) -> &'static str {
        "http"
    }

    fn properties(&self) -> BTreeMap<&'static str, Value> {
        BTreeMap::new()
    }

    fn external(&self) -> Option<&dyn External> {
        Some(self)
    }
}
