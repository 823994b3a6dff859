//! Bringing an image into this node's cache, through the data path.

use std::sync::Arc;

use super::fallover::ReadOrder;
use crate::{
    cache::{Filling, Found, Key, Note, Verification},
    domain::{Digest, Expectation, ExpectedDigests, Image, ImageStatus, Strength, Verified},
    service::{Core, ServiceError, figures::Occasion},
    stream::Outgoing,
};

/// An image as the cache knows it.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) image: Image,
    pub(super) key: Key,
    pub(super) size: u64,
    /// What its bytes must be.
    expectation: Expectation,
}

/// What came of bringing an image into the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum Prefetched {
    /// It is there.
    Cached,
    /// It cannot be: it has no data, or other data than it should have, its digest cannot be
    /// computed here, or there is no room.
    Impossible,
    /// Its stores gave not all bytes, or somebody else is at it.
    Later,
}

impl Core {
    /// The image as the cache knows it; none if it cannot be cached.
    pub(super) fn entry(&self, image: &Image) -> Option<Entry> {
        let (algorithm, value) = (image.os_hash_algo.as_ref()?, image.os_hash_value.as_ref()?);
        let known = self.parts.hashers.known();
        let known = known.iter().find(|known| known.algorithm == *algorithm)?;
        let digest = Digest::from_hex(algorithm.clone(), value).ok()?;
        // Somebody could make other bytes for a broken digest, and have them given out for these; and
        // what others keep may be claimed to have any digest, and change at any time.
        let is_shared = known.strength == Strength::Secure && !self.is_kept_by_others(image);
        let key = if is_shared {
            Key::shared(&digest)?
        } else {
            Key::of(image.id, &digest)?
        };
        let mut digests = ExpectedDigests::default();
        digests.add(digest).ok()?;
        Some(Entry {
            key,
            size: image.size?,
            expectation: Expectation {
                algorithm: algorithm.clone(),
                checksum: None,
                size: image.size,
                digests,
                signature: None,
                extra: Vec::new(),
            },
            image: image.clone(),
        })
    }

    fn is_kept_by_others(&self, image: &Image) -> bool {
        let mut locations = image.locations.iter();
        locations.any(|at| match self.parts.stores.get(at.store.as_str()) {
            Some(named) => named.external().is_some(),
            None => true,
        })
    }

    /// Removes the image's file from the cache: something is wrong with it.
    pub(super) async fn forget_cached(&self, image: &Image) {
        if let (Some(cache), Some(entry)) = (&self.parts.cache, self.entry(image)) {
            cache.files.remove(vec![entry.key]).await;
        }
    }

    /// Puts the bytes of `source` into the cache, if they are the image's.
    pub(super) async fn fill(
        self: Arc<Self>,
        mut filling: Filling,
        source: Outgoing,
        entry: &Entry,
    ) -> Prefetched {
        let id = entry.image.id;
        let written = match filling.write(source) {
            Ok(written) => written,
            Err(error) => {
                not_cached(entry, &error);
                return Prefetched::Later;
            }
        };
        match self.read_entry(written, entry).await {
            Ok(verified) => {
                let now = self.parts.clock.now();
                match filling.keep(&verified, id, now).await {
                    Ok(()) => return Prefetched::Cached,
                    Err(error) => not_cached(entry, &error),
                }
            }
            Err(error @ ServiceError::Mismatch(_)) => {
                filling.reject();
                tracing::error!(
                    image.id = %id,
                    error = &error as &dyn std::error::Error,
                    "downloads were cut off: their bytes are not the image's"
                );
                self.suspect(id).await;
                return Prefetched::Impossible;
            }
            Err(error) => match filling.give_up().await {
                Some(cause) => not_cached(entry, &cause),
                None => not_cached(entry, &error),
            },
        }
        Prefetched::Later
    }

    /// Reads `source` to its end, and holds it against what the bytes of `entry` must be.
    async fn read_entry(&self, source: Outgoing, entry: &Entry) -> Result<Verified, ServiceError> {
        let expectation = &entry.expectation;
        let measured = self.read_again(source, expectation, Occasion::Cache);
        Ok(expectation.verify(&measured.await?)?)
    }

    /// Reads a file that an earlier process has left in the cache, and removes it if it is wrong.
    pub(super) async fn verify_cached(&self, verification: Verification, entry: &Entry) {
        let read = verification.read();
        match self.read_entry(read, entry).await {
            Ok(verified) => verification.trust(&verified),
            Err(error) => {
                tracing::warn!(
                    file = %entry.key,
                    error = &error as &dyn std::error::Error,
                    "a file of the image cache is not what it should be, and is removed"
                );
                verification.discard().await;
            }
        }
    }

    /// Brings the image into the cache of this node, if it is not there.
    pub(in crate::service) async fn prefetch(
        self: &Arc<Self>,
        image: &Image,
    ) -> Result<Prefetched, ServiceError> {
        let (Some(cache), Some(entry)) = (&self.parts.cache, self.entry(image)) else {
            return Ok(Prefetched::Impossible);
        };
        if image.status != ImageStatus::Active || image.locations.is_empty() {
            return Ok(Prefetched::Impossible);
        }
        match cache.files.find(&entry.key, entry.size).await {
            Found::Whole(_) => {}
            Found::Filling(_) | Found::Verifying(_) => return Ok(Prefetched::Later),
            Found::Unverified(verification) => self.verify_cached(verification, &entry).await,
            Found::Nothing if !cache.files.could_hold(entry.size) => {
                return Ok(Prefetched::Impossible);
            }
            Found::Nothing => {
                let begun = cache.files.begin(&entry.key, entry.size).await;
                let Some((Some(filling), _)) = begun else {
                    return Ok(Prefetched::Later);
                };
                let mut session = self.parts.db.read().await?;
                let order = ReadOrder::of(&mut session, image, Vec::new()).await?;
                drop(session);
                let copies = self.copies_of(image, &order);
                let source = self.open_copies(image, copies, 0..entry.size).await?;
                let filled = Arc::clone(self).fill(filling, source, &entry).await;
                if filled == Prefetched::Impossible {
                    return Ok(filled);
                }
            }
        }
        if !cache.files.has(&entry.key) {
            return Ok(Prefetched::Later);
        }
        cache.files.note(Note {
            image: image.id,
            key: entry.key,
            hits: 0,
            cached_at: None,
            used_at: self.parts.clock.now(),
        });
        Ok(Prefetched::Cached)
    }
}

fn not_cached(entry: &Entry, error: &(dyn std::error::Error + 'static)) {
    tracing::warn!(
        image.id = %entry.image.id,
        error,
        "an image could not be put into the cache"
    );
}
