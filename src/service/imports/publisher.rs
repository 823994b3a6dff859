//! What the publisher of an image says of it: a checksum file, perhaps a signed one.

use std::sync::Arc;

use futures_util::TryStreamExt as _;

use super::run::Run;
use crate::{
    checksums::{ChecksumFile, ChecksumFileError, Limits, Match, MatchedLine, NoMatch},
    domain::{
        ChecksumSource, Digest, ExpectedDigests, Publication, PublishedDigest, PublisherSignature,
        Timestamp,
    },
    fetch::{CheckedUrl, FetchError},
    openpgp::{ClearSigned, SignatureError, SignatureFault, Signed},
    service::{Core, PublisherError, ServiceError},
};

/// The most bytes of a detached signature.
const SIGNATURE_BYTES: u64 = 256 * 1024;

/// The most characters of a line that are kept.
const KEPT_LINE: usize = 4096;

/// A checksum file that was read, and whose signature is good if it has to be.
pub(super) struct Published {
    file: ChecksumFile,
    url: String,
    signature: Option<Signed>,
    checked_at: Timestamp,
}

impl Run {
    /// Reads the checksum file that the import is to be held against, if there is one.
    pub(super) async fn published(&self) -> Result<Option<Published>, ServiceError> {
        let Some(source) = &self.task.import.checksums else {
            return Ok(None);
        };
        let most = Limits::PUBLISHED.bytes as u64;
        let (url, file) = fetch(&self.core, "checksum file", &source.url, most).await?;
        let detached = match source
            .signature_url
            .as_ref()
            .filter(|it| **it != source.url)
        {
            None => None,
            Some(url) => Some(
                fetch(&self.core, "signature", url, SIGNATURE_BYTES)
                    .await?
                    .1,
            ),
        };
        let (core, source) = (Arc::clone(&self.core), source.clone());
        // The file may be large, and the keys may be many.
        let judged = tokio::task::spawn_blocking(move || {
            judge(&core, &source, &url, &file, detached.as_deref())
        });
        let published = judged.await.map_err(ServiceError::internal)?;
        Ok(Some(published?))
    }

    /// Adds to `expected` what `published` says of the image, whose server calls it `served_as`,
    /// and writes it down beside the image.
    pub(super) async fn hold_to(
        &self,
        published: &Published,
        served_as: Option<&str>,
        mut expected: ExpectedDigests,
    ) -> Result<ExpectedDigests, ServiceError> {
        let found = published.find(&self.names(served_as))?;
        let digests = published.digests(&found);
        expected
            .merge(found.expected)
            .map_err(PublisherError::from)?;
        let mut tx = self.core.parts.db.begin().await?;
        tx.replace_published(self.task.image_id, &digests).await?;
        tx.commit().await?;
        Ok(expected)
    }

    /// What the image may be called in the checksum file, best first. What its owner asked for
    /// comes before what the server redirected to, for the server could choose any other image of
    /// the same file.
    fn names(&self, served_as: Option<&str>) -> Vec<Vec<u8>> {
        let import = &self.task.import;
        if let Some(name) = import.checksums.as_ref().and_then(|it| it.name.as_ref()) {
            return vec![name.clone().into_bytes()];
        }
        let asked = import.method.uri();
        let asked = asked.and_then(|uri| self.core.parts.fetcher.check(uri).ok());
        let asked = asked.as_ref().and_then(CheckedUrl::file_name);
        asked.into_iter().chain(served_as).map(decoded).collect()
    }
}

impl Published {
    /// The digests of the image by the first of its `names` that the file has.
    fn find(&self, names: &[Vec<u8>]) -> Result<Match, PublisherError> {
        let mut absent = NoMatch::Absent(String::new());
        for name in names {
            match self.file.find(name) {
                Err(no @ NoMatch::Absent(_)) => absent = no,
                found => return Ok(found?),
            }
        }
        Err(absent.into())
    }

    fn digests(&self, found: &Match) -> Vec<PublishedDigest> {
        let signature = self.signature.as_ref().map(|signed| PublisherSignature {
            publisher: signed.publisher.clone(),
            key: signed.key.clone(),
            signing_key: signed.signing_key.clone(),
            at: signed.at,
        });
        let lines = found.expected.iter().zip(&found.lines);
        let digest = |(digest, line): (&Digest, &MatchedLine)| PublishedDigest {
            digest: digest.clone(),
            publication: Publication {
                url: self.url.clone(),
                line: line.text.chars().take(KEPT_LINE).collect(),
                checked_at: self.checked_at,
                signature: signature.clone(),
            },
        };
        lines.map(digest).collect()
    }
}

/// Fetches a small file whole; gives also where it came from.
async fn fetch(
    core: &Core,
    what: &'static str,
    url: &str,
    most: u64,
) -> Result<(CheckedUrl, Vec<u8>), PublisherError> {
    let unavailable = |why: String| PublisherError::Unavailable { what, why };
    let fetcher = &core.parts.fetcher;
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
    core: &Core,
    source: &ChecksumSource,
    url: &CheckedUrl,
    bytes: &[u8],
    detached: Option<&[u8]>,
) -> Result<Published, PublisherError> {
    let (parts, now) = (&core.parts, core.parts.clock.now());
    let publisher = source.publisher.as_deref();
    let message = ClearSigned::find(bytes).map_err(ChecksumFileError::from)?;
    let signature = match (detached, &message) {
        (Some(signature), _) => {
            let keyrings = &parts.keyrings;
            Some(keyrings.verify_detached(bytes, signature, publisher, now)?)
        }
        (None, Some(message)) => inside(core, source, message, now)?,
        (None, None) if is_demanded(core, source) => return Err(PublisherError::Unsigned),
        (None, None) => None,
    };
    let (known, limits) = (parts.hashers.known(), Limits::PUBLISHED);
    let name = url.file_name().unwrap_or_default();
    let file = match &message {
        Some(message) => ChecksumFile::read_signed(message, name, &known, limits),
        None => ChecksumFile::read(bytes, name, &known, limits),
    };
    Ok(Published {
        file: file?,
        url: url.to_string(),
        signature,
        checked_at: now,
    })
}

/// Whether a checksum file without a good signature is refused.
fn is_demanded(core: &Core, source: &ChecksumSource) -> bool {
    core.parts.settings.require_signed_checksums
        || source.publisher.is_some()
        || source.signature_url.is_some()
}

/// The signature of a file that signs itself. Unless a signature is demanded, one by a key that
/// nobody here knows is as good as none; one with any other fault never is.
fn inside(
    core: &Core,
    source: &ChecksumSource,
    message: &ClearSigned<'_>,
    now: Timestamp,
) -> Result<Option<Signed>, PublisherError> {
    let keyrings = &core.parts.keyrings;
    match keyrings.verify_clear(message, source.publisher.as_deref(), now) {
        Ok(signed) => Ok(Some(signed)),
        Err(SignatureError::Refused(refusals))
            if !is_demanded(core, source)
                && refusals
                    .iter()
                    .all(|refusal| refusal.fault == SignatureFault::UnknownKey) =>
        {
            Ok(None)
        }
        Err(fault) => Err(fault.into()),
    }
}

/// `name` without its percent-encoding; what is not well encoded stays as it is.
fn decoded(name: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = escaped.and_then(|digits| hex::decode(digits).ok());
        if let Some([byte]) = byte.as_deref() {
            decoded.push(*byte);
            rest = &after[2..];
        } else {
            decoded.push(*first);
            rest = after;
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_compared_without_its_percent_encoding() {
        for (name, meant) in [
            ("a%20b+c.img", &b"a b+c.img"[..]),
            ("%e2%82%AC", "€".as_bytes()),
            ("100%", b"100%"),
            ("%zz%4", b"%zz%4"),
            ("%2e%2e%2fx", b"../x"),
        ] {
            assert_eq!(decoded(name), meant, "{name}");
        }
    }
}
