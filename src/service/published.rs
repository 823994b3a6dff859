//! Reading what publishers say of images: checksum files on the web.

use std::sync::Arc;

use futures_util::TryStreamExt as _;

use crate::{
    checksums::{ChecksumFile, Given, Limits, Trust},
    domain::{ChecksumSource, Timestamp},
    fetch::{CheckedUrl, FetchError},
    openpgp::Signed,
    service::{Core, PublisherError, ServiceError},
};

/// The most bytes of a detached signature.
const SIGNATURE_BYTES: u64 = 256 * 1024;

/// A checksum file that was read, and whose signature is good if it has to be.
pub(super) struct Published {
    pub(super) file: ChecksumFile,
    /// Where it is, without credentials and query.
    pub(super) url: String,
    pub(super) signature: Option<Signed>,
    pub(super) checked_at: Timestamp,
}

impl Core {
    /// Reads the checksum file of `source`.
    pub(super) async fn read_published(
        self: &Arc<Self>,
        source: &ChecksumSource,
    ) -> Result<Published, ServiceError> {
        let most = Limits::PUBLISHED.bytes as u64;
        let (url, file) = self.fetch("checksum file", &source.url, most).await?;
        let detached = match source
            .signature_url
            .as_ref()
            .filter(|it| **it != source.url)
        {
            None => None,
            Some(url) => Some(self.fetch("signature", url, SIGNATURE_BYTES).await?.1),
        };
        let (core, source) = (Arc::clone(self), source.clone());
        // The file may be large, and the keys may be many.
        let judged = tokio::task::spawn_blocking(move || {
            core.judge(&source, &url, &file, detached.as_deref())
        });
        Ok(judged.await.map_err(ServiceError::internal)??)
    }

    /// Fetches a small file whole; gives also where it came from.
    async fn fetch(
        &self,
        what: &'static str,
        url: &str,
        most: u64,
    ) -> Result<(CheckedUrl, Vec<u8>), PublisherError> {
        let unavailable = |why: String| PublisherError::Unavailable { what, why };
        let fetcher = &self.parts.fetcher;
        let asked = fetcher
            .check(url)
            .map_err(|no| unavailable(no.to_string()))?;
        let download = fetcher.open(asked.clone(), most).await;
        let download = download.map_err(|error: FetchError| unavailable(error.to_string()))?;
        let mut bytes = Vec::new();
        let mut incoming = download.into_incoming();
        loop {
            match incoming.try_next().await {
                Ok(Some(frame)) => bytes.extend(frame),
                Ok(None) => return Ok((asked, bytes)),
                Err(error) => return Err(unavailable(error.to_string())),
            }
        }
    }

    /// Reads the checksum file `bytes`, if it is signed as it has to be.
    fn judge(
        &self,
        source: &ChecksumSource,
        url: &CheckedUrl,
        bytes: &[u8],
        detached: Option<&[u8]>,
    ) -> Result<Published, PublisherError> {
        let (parts, now) = (&self.parts, self.parts.clock.now());
        let trust = Trust {
            keyrings: &parts.keyrings,
            publisher: source.publisher.as_deref(),
            is_demanded: parts.settings.require_signed_checksums
                || source.publisher.is_some()
                || source.signature_url.is_some(),
            now,
        };
        let given = Given {
            name: url.file_name().unwrap_or_default(),
            bytes,
            signature: detached,
        };
        let (file, signature) = ChecksumFile::read_trusted(given, &trust, &parts.hashers.known())?;
        Ok(Published {
            file,
            url: url.to_string(),
            signature,
            checked_at: now,
        })
    }
}
