//! The one path that bytes take into the registry.
//!
//! ```text
//! source → limit → quota → inspection → digests → stores (aside)   ⇒   Verified, published, active
//! ```
//!
//! An upload, the import of staged data, a download from the web and a copy between stores all
//! come through [`Core::receive`]. What others keep and go on keeping comes through [`Core::survey`],
//! and a copy that is read again through [`Core::read_again`]: their sink is nothing. Nothing else
//! measures bytes or makes an image active.

use std::{sync::Arc, time::Instant};

use futures_util::{StreamExt as _, future::BoxFuture};

use crate::{
    domain::{
        Algorithm, Expectation, ExpectedDigests, Image, ImageId, Location, Measured,
        SignatureCheck, StoresNeeded, Verified,
    },
    hash::{Pending, Tapped},
    service::{
        Core, ServiceError,
        data::{
            gather::{Aside, Gathered, Missed, Shortfall, gather},
            inspection::{Inspection, inspected},
            unread::Unread,
        },
        diagnosis::{Evidence, Sender},
        figures::{self, Occasion},
        quota::{Meter, metered},
    },
    store::NamedStore,
    stream::{self, Incoming, Outgoing, Progress},
};

/// What the bytes of an image must be, and how many there may be.
pub(in crate::service) struct Terms {
    pub(in crate::service) id: ImageId,
    /// What the bytes come by.
    pub(in crate::service) occasion: Occasion,
    /// Who brings them.
    pub(in crate::service) sender: Sender,
    pub(in crate::service) expectation: Expectation,
    /// What their content must be; none: they were looked into when they came.
    pub(in crate::service) inspection: Option<Inspection>,
    /// The most bytes that are taken.
    pub(in crate::service) cap: u64,
    /// What reserves them, if their number is limited by a quota.
    pub(in crate::service) meter: Option<Meter>,
    pub(in crate::service) progress: Progress,
}

/// What was said of the bytes of an image before they came.
pub(in crate::service) struct Promised {
    /// What they come by.
    pub(in crate::service) occasion: Occasion,
    /// Their number.
    pub(in crate::service) size: Option<u64>,
    /// Their digests.
    pub(in crate::service) digests: ExpectedDigests,
    /// What was signed.
    pub(in crate::service) signature: Option<Arc<dyn SignatureCheck>>,
}

/// Verified bytes that lie aside in stores.
pub(in crate::service) struct Arrived {
    pub(in crate::service) verified: Verified,
    /// The size of the disk that the bytes describe.
    pub(in crate::service) virtual_size: Option<u64>,
    /// The stores that have them, best first.
    pub(in crate::service) asides: Vec<Aside>,
    /// Those that have not.
    pub(in crate::service) missed: Vec<Missed>,
}

/// Verified bytes in stores.
pub(in crate::service) struct Stored {
    pub(in crate::service) verified: Verified,
    /// The size of the disk that the bytes describe.
    pub(in crate::service) virtual_size: Option<u64>,
    /// Where they are, best first.
    pub(in crate::service) locations: Vec<Location>,
}

/// Bytes on their way through all stages before the stores.
struct Pass {
    frames: Tapped<Incoming>,
    /// Their digests, once they have come to their end.
    pending: Pending,
    /// The size of the disk that they describe, then.
    found: BoxFuture<'static, Result<Option<u64>, ServiceError>>,
}

impl Core {
    /// The terms for the next bytes of `image`.
    pub(in crate::service) fn terms(&self, image: &Image, promised: Promised) -> Terms {
        let settings = &self.parts.settings;
        let chosen = image.os_hash_algo.as_ref();
        Terms {
            id: image.id,
            occasion: promised.occasion,
            sender: Sender::default(),
            expectation: Expectation {
                algorithm: chosen.unwrap_or(&settings.hashing.default).clone(),
                checksum: settings.hashing.checksum.clone(),
                size: promised.size,
                digests: promised.digests,
                signature: promised.signature,
                extra: settings.hashing.extra.clone(),
            },
            inspection: Some(Inspection::of(image, &settings.inspection)),
            cap: settings.image_size_cap,
            meter: None,
            progress: Progress::default(),
        }
    }

    /// The algorithms of the digests that are to be known of bytes of `image`, with those that are
    /// `expected`.
    pub(in crate::service) fn algorithms(
        &self,
        image: &Image,
        expected: &ExpectedDigests,
    ) -> Vec<Algorithm> {
        let promised = Promised {
            occasion: Occasion::Import,
            size: None,
            digests: expected.clone(),
            signature: None,
        };
        self.terms(image, promised).expectation.algorithms()
    }

    /// Takes `source` to its end into all of `sinks`, verifies it, and publishes it. The image is
    /// not active yet: [`Core::activate`] makes it so.
    ///
    /// # Errors
    ///
    /// Nothing is kept then, nor when the future is dropped before it publishes.
    pub(in crate::service) async fn take_in(
        &self,
        source: Incoming,
        sinks: &[NamedStore],
        terms: &Terms,
    ) -> Result<Stored, Shortfall> {
        let arrived = self.receive(source, sinks, terms, StoresNeeded::All);
        self.publish(terms.id, arrived.await?).await
    }

    /// Takes `source` to its end into `sinks`, and verifies it. Nothing is published yet.
    ///
    /// # Errors
    ///
    /// If a store that is needed did not take it, or if it is not what it must be. Nothing is
    /// kept then, nor when the future is dropped.
    #[tracing::instrument(name = "data.receive", level = "debug", skip_all, fields(image.id = %terms.id))]
    pub(in crate::service) async fn receive(
        &self,
        source: Incoming,
        sinks: &[NamedStore],
        terms: &Terms,
        needed: StoresNeeded,
    ) -> Result<Arrived, Shortfall> {
        let begun = Instant::now();
        let Pass {
            frames,
            pending,
            found,
        } = self.pass(source, terms)?;
        let gathered = gather(terms.id, Box::pin(frames), sinks, needed).await;
        figures::note_received(terms.occasion, terms.progress.bytes());
        let gathered = gathered?;
        let is_short = needed == StoresNeeded::All && !gathered.missed.is_empty();
        if is_short || gathered.asides.is_empty() {
            return Err(Shortfall::of(gathered.missed));
        }
        let (size, digests) = pending.join().await.map_err(ServiceError::from)?;
        let measured = Measured { size, digests };
        figures::note_pass(terms.occasion, &terms.expectation, &measured, begun);
        let verified = self.verify(terms, &gathered, &measured).await?;
        let virtual_size = found.await?;
        let Gathered { asides, missed } = self.complete(gathered, size);
        if asides.is_empty() || (needed == StoresNeeded::All && !missed.is_empty()) {
            return Err(Shortfall::of(missed));
        }
        Ok(Arrived {
            verified,
            virtual_size,
            asides,
            missed,
        })
    }

    /// `source` on its way through all stages before the stores.
    fn pass(&self, source: Incoming, terms: &Terms) -> Result<Pass, ServiceError> {
        let limited = stream::limit(source, terms.cap, terms.progress.clone());
        let metered = metered(limited, terms.meter.as_ref());
        let (inspected, found) = inspected(metered, terms.inspection.clone());
        let running = self.parts.hashers.start(&terms.expectation.algorithms())?;
        let (frames, pending) = running.tap(inspected);
        Ok(Pass {
            frames,
            pending,
            found: Box::pin(found),
        })
    }

    /// Takes `source` to its end into nothing, and verifies it: bytes that others keep. Gives also
    /// the size of the disk that they describe.
    ///
    /// # Errors
    ///
    /// [`Unread`], if they broke off, or are not what they must be.
    pub(super) async fn survey(
        &self,
        source: Incoming,
        terms: &Terms,
    ) -> Result<(Verified, Option<u64>), Unread> {
        let begun = Instant::now();
        let mut pass = self.pass(source, terms)?;
        let mut read = Ok(());
        while let (Ok(()), Some(frame)) = (&read, pass.frames.next().await) {
            read = frame.map(drop);
        }
        figures::note_received(terms.occasion, terms.progress.bytes());
        read?;
        let (size, digests) = pass.pending.join().await.map_err(ServiceError::from)?;
        let measured = Measured { size, digests };
        figures::note_pass(terms.occasion, &terms.expectation, &measured, begun);
        let verified = terms.expectation.verify(&measured);
        Ok((verified.map_err(ServiceError::from)?, pass.found.await?))
    }

    /// Holds what was measured against the terms. What does not hold is looked at again, to tell
    /// why.
    async fn verify(
        &self,
        terms: &Terms,
        gathered: &Gathered,
        measured: &Measured,
    ) -> Result<Verified, ServiceError> {
        let mismatch = match terms.expectation.verify(measured) {
            Ok(verified) => return Ok(verified),
            Err(mismatch) => mismatch,
        };
        let mut asides = gathered.asides.iter();
        let Some(aside) = asides.find(|aside| aside.size() == measured.size) else {
            return Err(mismatch.into());
        };
        let evidence = Evidence {
            image: terms.id,
            sender: &terms.sender,
            received: aside.received(),
            size: measured.size,
            digests: &measured.digests,
        };
        Err(self.explained(mismatch, evidence).await)
    }

    /// Takes `source` to its end into nothing, and measures it: the bytes of a copy, read again to
    /// be held against `expectation`.
    ///
    /// # Errors
    ///
    /// [`ServiceError::StoreUnavailable`] if they cannot be read.
    pub(in crate::service) async fn read_again(
        &self,
        source: Outgoing,
        expectation: &Expectation,
        occasion: Occasion,
    ) -> Result<Measured, ServiceError> {
        let begun = Instant::now();
        let running = self.parts.hashers.start(&expectation.algorithms())?;
        let (mut tapped, pending) = running.tap(source);
        while let Some(frame) = tapped.next().await {
            frame.map_err(|error| ServiceError::StoreUnavailable(error.into()))?;
        }
        let (size, digests) = pending.join().await?;
        let measured = Measured { size, digests };
        figures::note_pass(occasion, expectation, &measured, begun);
        Ok(measured)
    }

    /// Holds what the stores say they hold against the number of bytes that passed, and puts the
    /// best store first.
    fn complete(&self, gathered: Gathered, size: u64) -> Gathered {
        let Gathered { asides, mut missed } = gathered;
        let (mut whole, partial): (Vec<_>, Vec<_>) =
            asides.into_iter().partition(|aside| aside.size() == size);
        whole.sort_by_key(|aside| self.parts.stores.rank(&aside.store.id));
        missed.extend(partial.into_iter().map(|aside| Missed {
            reason: ServiceError::internal(format!(
                "the store took {} bytes of {size}",
                aside.size()
            )),
            store: aside.store.id,
        }));
        Gathered {
            asides: whole,
            missed,
        }
    }

    /// Publishes what arrived in all of its stores, or in none.
    ///
    /// # Errors
    ///
    /// The store that could not publish it.
    pub(in crate::service) async fn publish(
        &self,
        id: ImageId,
        arrived: Arrived,
    ) -> Result<Stored, Shortfall> {
        let mut locations = Vec::new();
        for aside in arrived.asides {
            let store = aside.store.id.clone();
            locations.push(aside.location(id));
            if let Err(reason) = aside.publish().await {
                self.take_back(id, &locations).await;
                return Err(Shortfall::of(vec![Missed { store, reason }]));
            }
        }
        Ok(Stored {
            verified: arrived.verified,
            virtual_size: arrived.virtual_size,
            locations,
        })
    }

    /// Removes bytes from where they were put for an image that does not get them. What cannot be
    /// removed is removed before other bytes of the image come there.
    pub(in crate::service) async fn take_back(&self, id: ImageId, locations: &[Location]) {
        for location in locations {
            let Some(named) = self.parts.stores.get(location.store.as_str()) else {
                continue;
            };
            if let Err(error) = named.store.delete(id).await {
                tracing::warn!(
                    image.id = %id,
                    store.id = %named.id,
                    error = &error as &dyn std::error::Error,
                    "data that its image does not get stays in a store"
                );
            }
        }
    }
}
