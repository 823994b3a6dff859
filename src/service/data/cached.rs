//! Reading an image by way of this node's cache, which is filled meanwhile.

use std::{fs::File, io, ops::Range, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::time::timeout;

use super::{checked::checked, fallover::ReadOrder, fill::Entry};
use crate::{
    cache::{Following, Found, ImageCache, Lost, Note},
    domain::Image,
    service::{
        Core, ServiceError, UseFor,
        figures::{Answered, note_answered, note_given},
    },
    stream::{self as bytes_stream, Outgoing},
};

/// How long a download waits until a file that an earlier process has left was read. Then it is
/// answered from a store, and the file is ready for a later one.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the cache is asked: once more after a wait.
const LOOKS: u32 = 2;

/// Where the bytes of a download are.
enum Opened {
    Whole(Arc<File>),
    Following(Following, Answered),
    Nothing,
}

impl Core {
    /// The bytes of the image in `range`: by way of the cache, if there is one, else from its
    /// copies in this `order`. When one breaks off, another goes on with the byte after the last.
    ///
    /// Whoever calls it has seen to it that the caller may have them.
    ///
    /// # Errors
    ///
    /// As [`Core::open_copies`].
    pub(super) async fn open_image(
        self: &Arc<Self>,
        image: &Image,
        order: &ReadOrder,
        range: Range<u64>,
    ) -> Result<Outgoing, ServiceError> {
        let cache = self.parts.cache.as_ref();
        let Some(cache) = cache.filter(|cache| cache.use_for == UseFor::Downloads) else {
            return self.open_stores(image, order, range).await;
        };
        let entry = self.entry(image);
        let opened = match &entry {
            Some(entry) => self.look_up(&cache.files, entry, order, &range).await?,
            None => Opened::Nothing,
        };
        let (source, answered) = match opened {
            Opened::Whole(file) => {
                let body = bytes_stream::read_file(file, range.clone());
                (Source::Whole(body), Answered::Hit)
            }
            Opened::Following(following, answered) => (Source::Following(following), answered),
            Opened::Nothing => {
                note_answered(Answered::Passed);
                return self.open_stores(image, order, range).await;
            }
        };
        note_answered(answered);
        // Who fills it has it noted once it is whole.
        if let Some(entry) = entry.filter(|_| answered != Answered::Filled) {
            cache.files.note(Note {
                image: image.id,
                key: entry.key,
                hits: 1,
                cached_at: None,
                used_at: self.parts.clock.now(),
            });
        }
        let reading = Reading {
            core: Arc::clone(self),
            image: image.clone(),
            order: order.clone(),
            left: range.clone(),
            source,
        };
        // What is read while the cache is filled was not verified yet, and its end may come from
        // another copy.
        let follows = matches!(reading.source, Source::Following(_));
        let is_whole = Some(range.end - range.start) == image.size;
        let body = reading.into_body();
        if is_whole && (follows || self.parts.settings.at_rest.verify_reads) {
            checked(self, image, body, range)
        } else {
            Ok(body)
        }
    }

    /// What the cache has for the bytes of `entry` in `range`.
    async fn look_up(
        self: &Arc<Self>,
        cache: &ImageCache,
        entry: &Entry,
        order: &ReadOrder,
        range: &Range<u64>,
    ) -> Result<Opened, ServiceError> {
        let is_whole = *range == (0..entry.size);
        for _ in 0..LOOKS {
            let waiting = match cache.find(&entry.key, entry.size).await {
                Found::Whole(file) => return Ok(Opened::Whole(file)),
                Found::Filling(following) if is_whole => {
                    return Ok(Opened::Following(following, Answered::Joined));
                }
                Found::Nothing if is_whole => return self.begin_to_fill(cache, entry, order).await,
                Found::Filling(_) | Found::Nothing => return Ok(Opened::Nothing),
                Found::Verifying(waiting) => waiting,
                Found::Unverified(verification) => {
                    let waiting = verification.waiting();
                    let (core, entry) = (Arc::clone(self), entry.clone());
                    tokio::spawn(async move { core.verify_cached(verification, &entry).await });
                    waiting
                }
            };
            if timeout(PATIENCE, waiting.ended()).await.is_err() {
                break;
            }
        }
        Ok(Opened::Nothing)
    }

    /// Lets the cache be filled, by a task that does not depend on any client.
    async fn begin_to_fill(
        self: &Arc<Self>,
        cache: &ImageCache,
        entry: &Entry,
        order: &ReadOrder,
    ) -> Result<Opened, ServiceError> {
        let Some((filling, following)) = cache.begin(&entry.key, entry.size).await else {
            return Ok(Opened::Nothing);
        };
        let Some(filling) = filling else {
            return Ok(Opened::Following(following, Answered::Joined));
        };
        // The client is told at once if there is nothing to read.
        let copies = self.copies_of(&entry.image, order);
        let source = self
            .open_copies(&entry.image, copies, 0..entry.size)
            .await?;
        let (core, entry) = (Arc::clone(self), entry.clone());
        tokio::spawn(async move { core.fill(filling, source, &entry).await });
        Ok(Opened::Following(following, Answered::Filled))
    }
}

/// A download by way of the cache.
struct Reading {
    core: Arc<Core>,
    image: Image,
    /// The order in which its copies are read.
    order: ReadOrder,
    /// The bytes that are still to come.
    left: Range<u64>,
    source: Source,
}

/// Where its next bytes come from.
enum Source {
    /// A whole file of the cache.
    Whole(Outgoing),
    /// A file that is being written.
    Following(Following),
    /// The image's copies, past the cache.
    Copies(Outgoing),
}

impl Reading {
    fn into_body(self) -> Outgoing {
        Box::pin(stream::unfold(Some(self), |reading| async move {
            let mut reading = reading?;
            match reading.next().await {
                Some(Ok(frame)) => Some((Ok(frame), Some(reading))),
                Some(Err(error)) => Some((Err(error), None)),
                None => None,
            }
        }))
    }

    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        while !self.left.is_empty() {
            let frame = match &mut self.source {
                Source::Copies(body) => return body.next().await,
                Source::Whole(body) => body.next().await.transpose().unwrap_or_else(|error| {
                    told(&self.image, &error);
                    None
                }),
                Source::Following(following) => match following.next().await {
                    Ok(frame) => frame,
                    Err(Lost::Wrong) => {
                        return Some(Err(io::Error::other("the data is not what it should be")));
                    }
                    Err(Lost::Incomplete) => None,
                },
            };
            if let Some(frame) = frame {
                self.left.start += frame.len() as u64;
                note_given(frame.len() as u64);
                return Some(Ok(frame));
            }
            if let Err(error) = self.leave_the_cache().await {
                return Some(Err(io::Error::other(error)));
            }
        }
        None
    }

    /// Goes on with the next byte from the image's copies.
    async fn leave_the_cache(&mut self) -> Result<(), ServiceError> {
        if matches!(self.source, Source::Whole(_)) {
            self.core.forget_cached(&self.image).await;
        }
        let rest = self
            .core
            .open_stores(&self.image, &self.order, self.left.clone())
            .await?;
        self.source = Source::Copies(rest);
        Ok(())
    }
}

fn told(image: &Image, error: &(dyn std::error::Error + 'static)) {
    tracing::warn!(
        image.id = %image.id,
        error,
        "a file of the image cache cannot be read"
    );
}
