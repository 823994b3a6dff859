//! The second look at bytes that are still aside.

use std::{io, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::{task::yield_now, time::timeout};

use super::Evidence;
use crate::{
    domain::{Algorithm, Compression, Diagnosis, Digest, Document},
    hash::HashError,
    service::Core,
    stream::Outgoing,
    unpack,
};

/// How long the look may take: the client waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many bytes are read of what lies aside.
const MOST_READ: u64 = 8 << 30;

/// How many bytes are read of what they are decompressed to: for each of them, and in all.
const MOST_EXPANDED: (u64, u64) = (2000, 32 << 30);

/// How many bytes tell what something is.
const HEAD: usize = 1024;

impl Core {
    /// What a second look at the bytes tells of the `expected` digest. None as well if others are
    /// being looked at, if they cannot be read again, or if it takes too long.
    pub(super) async fn look_again(
        &self,
        expected: &Digest,
        evidence: &Evidence<'_>,
    ) -> Option<Diagnosis> {
        let _turn = self.second_looks.try_acquire().ok()?;
        let looked = timeout(PATIENCE, self.look(expected, evidence)).await;
        looked.ok().flatten()
    }

    /// What the bytes are, if it is something that servers send instead of an image.
    pub(super) async fn document(&self, evidence: &Evidence<'_>) -> Option<Diagnosis> {
        let _turn = self.second_looks.try_acquire().ok()?;
        let head = timeout(PATIENCE, head(evidence)).await.ok()??;
        Document::of(&head).map(Diagnosis::Document)
    }

    async fn look(&self, expected: &Digest, evidence: &Evidence<'_>) -> Option<Diagnosis> {
        let head = head(evidence).await?;
        if let Some(document) = Document::of(&head) {
            return Some(Diagnosis::Document(document));
        }
        let size = evidence.size;
        if size > MOST_READ {
            return None;
        }
        let others = self.others(expected, evidence);
        if !others.is_empty() {
            let data = evidence.received.reopen().await.ok()??;
            let found = self.find(expected, &others, data, size).await.ok()?;
            if let Some(algorithm) = found {
                return Some(Diagnosis::Algorithm(algorithm));
            }
        }
        let named = evidence.sender.name.as_deref();
        match Compression::of(&head) {
            Some(form) => self.look_inside(form, expected, evidence).await,
            None => named
                .and_then(Compression::of_name)
                .map(Diagnosis::Decompressed),
        }
    }

    /// What is in the compressed bytes.
    async fn look_inside(
        &self,
        form: Compression,
        expected: &Digest,
        evidence: &Evidence<'_>,
    ) -> Option<Diagnosis> {
        let (each, all) = MOST_EXPANDED;
        let most = evidence.size.saturating_mul(each).min(all);
        let data = evidence.received.reopen().await.ok()??;
        let algorithm = [expected.algorithm().clone()];
        let inside = unpack::peeked(form, data);
        match self.find(expected, &algorithm, inside, most).await {
            Ok(found) => found.map(|_| Diagnosis::Compressed(form)),
            Err(error) => {
                let is_cut = error.kind() == io::ErrorKind::UnexpectedEof;
                is_cut.then_some(Diagnosis::CutOff(form))
            }
        }
    }

    /// The algorithms whose digests are as long as the expected one, and not known of the bytes.
    fn others(&self, expected: &Digest, evidence: &Evidence<'_>) -> Vec<Algorithm> {
        let hashers = &self.parts.hashers;
        let length = hashers.digest_len(expected.algorithm());
        hashers
            .names()
            .filter_map(|name| name.parse().ok())
            .filter(|other| hashers.digest_len(other) == length)
            .filter(|other| evidence.digests.get(other).is_none())
            .collect()
    }

    /// The one of `algorithms` under which `data` have the value of `expected`; none as well if
    /// there are more than `most` bytes.
    async fn find(
        &self,
        expected: &Digest,
        algorithms: &[Algorithm],
        data: Outgoing,
        most: u64,
    ) -> io::Result<Option<Algorithm>> {
        let running = self
            .parts
            .hashers
            .start(algorithms)
            .map_err(io::Error::other)?;
        let (tapped, pending) = running.tap(data);
        if !drain(tapped, most).await? {
            return Ok(None);
        }
        let (_, digests) = pending.join().await.map_err(|error| match error {
            HashError::Incomplete => io::ErrorKind::Interrupted.into(),
            error => io::Error::other(error),
        })?;
        let mut digests = digests.iter();
        let found = digests.find(|digest| digest.value() == expected.value());
        Ok(found.map(|digest| digest.algorithm().clone()))
    }
}

/// Reads `data` to its end; `false`, as soon as it is known, if there are more than `most` bytes.
async fn drain(
    mut data: impl Stream<Item = io::Result<Bytes>> + Unpin,
    most: u64,
) -> io::Result<bool> {
    let mut read = 0_u64;
    while let Some(frame) = data.next().await {
        read = read.saturating_add(frame?.len() as u64);
        if read > most {
            return Ok(false);
        }
        // Decompressing never waits, so that nothing else would get its turn.
        yield_now().await;
    }
    Ok(true)
}

/// The first bytes, or none if they cannot be read again.
async fn head(evidence: &Evidence<'_>) -> Option<Vec<u8>> {
    let data = evidence.received.reopen().await.ok()??;
    let mut frames = data.take_while(|frame| std::future::ready(frame.is_ok()));
    let mut head = Vec::with_capacity(HEAD);
    while head.len() < HEAD
        && let Some(Ok(frame)) = frames.next().await
    {
        head.extend_from_slice(&frame[..frame.len().min(HEAD - head.len())]);
    }
    Some(head)
}
