//! What the publisher of an image says of it: a checksum file, perhaps a signed one.

use super::run::Run;
use crate::{
    checksums::{Match, MatchedLine, NoMatch},
    domain::{Digest, ExpectedDigests, Publication, PublishedDigest, PublisherSignature},
    fetch::CheckedUrl,
    service::{PublisherError, ServiceError, published::Published},
};

/// The most characters of a line that are kept.
const KEPT_LINE: usize = 4096;

impl Run {
    /// Reads the checksum file that the import is to be held against, if there is one.
    pub(super) async fn published(&self) -> Result<Option<Published>, ServiceError> {
        let Some(source) = &self.task.import.checksums else {
            return Ok(None);
        };
        self.core.read_published(source).await.map(Some)
    }

    /// Adds to `expected` what `published` says of the image, whose server calls it `served_as`,
    /// and writes it down beside the image.
    pub(super) async fn hold_to(
        &self,
        published: &Published,
        served_as: Option<&str>,
        mut expected: ExpectedDigests,
    ) -> Result<ExpectedDigests, ServiceError> {
        let found = find(published, &self.names(served_as))?;
        let digests = digests(published, &found);
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

/// The digests of the image by the first of its `names` that the file has.
fn find(published: &Published, names: &[Vec<u8>]) -> Result<Match, PublisherError> {
    let mut absent = NoMatch::Absent(String::new());
    for name in names {
        match published.file.find(name) {
            Err(no @ NoMatch::Absent(_)) => absent = no,
            found => return Ok(found?),
        }
    }
    Err(absent.into())
}

fn digests(published: &Published, found: &Match) -> Vec<PublishedDigest> {
    let signature = published
        .signature
        .as_ref()
        .map(|signed| PublisherSignature {
            publisher: signed.publisher.clone(),
            key: signed.key.clone(),
            signing_key: signed.signing_key.clone(),
            at: signed.at,
        });
    let lines = found.expected.iter().zip(&found.lines);
    let digest = |(digest, line): (&Digest, &MatchedLine)| PublishedDigest {
        digest: digest.clone(),
        publication: Publication {
            url: published.url.clone(),
            line: line.text.chars().take(KEPT_LINE).collect(),
            checked_at: published.checked_at,
            signature: signature.clone(),
        },
    };
    lines.map(digest).collect()
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
