//! Downloads that never complete unless their bytes are what they should be.

use std::{io, ops::Range, sync::Arc, time::Instant};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use crate::{
    domain::{Digest, Image},
    hash::{Pending, Tapped},
    service::{Core, Occasion, ServiceError, Verdict, note_hashed, note_verdict},
    stream::Outgoing,
};

/// Those of `body`, all the bytes of `image`, that are `wanted`: their last frame is held back until
/// the digest of all was compared, and is never given if it is another. What cannot be compared
/// here, for its algorithm is none of ours, passes as it is.
pub(super) fn checked(
    core: &Arc<Core>,
    image: &Image,
    body: Outgoing,
    wanted: Range<u64>,
) -> Result<Outgoing, ServiceError> {
    let hash = image
        .os_hash_algo
        .as_ref()
        .zip(image.os_hash_value.as_ref());
    let hash = hash.filter(|(algorithm, _)| core.parts.hashers.supports(algorithm));
    let Some((algorithm, value)) = hash else {
        return Ok(cut(body, wanted));
    };
    let expected = Digest::from_hex(algorithm.clone(), value).map_err(ServiceError::internal)?;
    let running = core.parts.hashers.start(std::slice::from_ref(algorithm))?;
    let (tapped, pending) = running.tap(body);
    let begun = Some(Reading {
        tapped,
        pending,
        held: None,
        wanted,
        passed: 0,
        judge: Judge {
            core: Arc::clone(core),
            image: image.clone(),
            expected,
            begun: Instant::now(),
        },
    });
    Ok(Box::pin(stream::try_unfold(
        begun,
        async |reading| match reading {
            Some(reading) => reading.next().await,
            None => Ok(None),
        },
    )))
}

struct Reading {
    tapped: Tapped<Outgoing>,
    pending: Pending,
    /// The frame that may be the last one.
    held: Option<Bytes>,
    /// Which bytes are given.
    wanted: Range<u64>,
    /// How many bytes have come.
    passed: u64,
    judge: Judge,
}

impl Reading {
    /// The next frame that may be given, and what follows it.
    async fn next(mut self) -> io::Result<Option<(Bytes, Option<Self>)>> {
        while let Some(frame) = self.tapped.next().await.transpose()? {
            let part = part(&frame, self.passed, &self.wanted);
            self.passed = self.passed.saturating_add(frame.len() as u64);
            if part.is_empty() {
                continue;
            }
            if let Some(before) = self.held.replace(part) {
                return Ok(Some((before, Some(self))));
            }
        }
        self.judge.compare(self.pending).await?;
        Ok(self.held.map(|last| (last, None)))
    }
}

/// Those bytes of `frame`, which comes after `passed` others, that are `wanted`.
fn part(frame: &Bytes, passed: u64, wanted: &Range<u64>) -> Bytes {
    let within = |at: u64| {
        let at = usize::try_from(at.saturating_sub(passed)).unwrap_or(usize::MAX);
        at.min(frame.len())
    };
    frame.slice(within(wanted.start)..within(wanted.end))
}

/// The `wanted` ones of the bytes of `body`.
fn cut(body: Outgoing, wanted: Range<u64>) -> Outgoing {
    let mut passed = 0_u64;
    Box::pin(body.map(move |frame| {
        let frame = frame?;
        let part = part(&frame, passed, &wanted);
        passed = passed.saturating_add(frame.len() as u64);
        Ok(part)
    }))
}

/// What holds the bytes of a download against their digest.
struct Judge {
    core: Arc<Core>,
    image: Image,
    expected: Digest,
    begun: Instant,
}

impl Judge {
    async fn compare(self, pending: Pending) -> io::Result<()> {
        let (size, digests) = pending.join().await.map_err(io::Error::other)?;
        let algorithm = self.expected.algorithm();
        note_hashed(Occasion::Read, [algorithm], size, self.begun.elapsed());
        if digests.get(algorithm) == Some(&self.expected) {
            note_verdict(Occasion::Read, algorithm, Verdict::Success);
            return Ok(());
        }
        note_verdict(Occasion::Read, algorithm, Verdict::Failure);
        tracing::error!(
            image.id = %self.image.id,
            "a download was cut off: its bytes are not the image's"
        );
        let (core, image) = (Arc::clone(&self.core), self.image);
        // The client is not to wait for that.
        self.core.work.spawn(async move {
            // It may have come from there.
            core.forget_cached(&image).await;
            core.suspect(image.id).await;
        });
        Err(io::Error::other("the data is not what it should be"))
    }
}
