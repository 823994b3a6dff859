//! The one path that bytes take into the registry.
//!
//! ```text
//! source → limit → quota → inspection → digests → store (aside)   ⇒   Verified, published, active
//! ```
//!
//! An upload, the import of staged data and a download from the web all come through
//! [`Core::take_in`]; a copy that is read again goes through [`Core::read_again`], whose sink is
//! nothing. Nothing else measures bytes or makes an image active.

use std::{slice, sync::Arc, time::Instant};

use futures_util::StreamExt as _;

use crate::{
    db::{Activation, Finding, Transaction},
    domain::{
        DigestSource, Expectation, ExpectedDigests, Image, ImageId, ImageStatus, Location,
        Measured, SignatureCheck, StoreId, Verified, property_names,
    },
    service::{
        Core, ServiceError,
        data::inspection::Inspection,
        figures::{self, Occasion},
        quota::{Meter, metered},
    },
    store::{NamedStore, Received},
    stream::{self, Incoming, Outgoing, Progress},
};

/// What the bytes of an image must be, and how many there may be.
pub(in crate::service) struct Terms {
    pub(in crate::service) id: ImageId,
    /// What the bytes come by.
    pub(in crate::service) occasion: Occasion,
    pub(in crate::service) expectation: Expectation,
    /// What their content must be.
    pub(in crate::service) inspection: Inspection,
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

/// Verified bytes in a store.
pub(in crate::service) struct Copy {
    pub(in crate::service) verified: Verified,
    pub(in crate::service) location: Location,
    /// The size of the disk that the bytes describe.
    virtual_size: Option<u64>,
}

impl Core {
    /// The terms for the next bytes of `image`.
    pub(in crate::service) fn terms(&self, image: &Image, promised: Promised) -> Terms {
        let settings = &self.parts.settings;
        let chosen = image.os_hash_algo.as_ref();
        Terms {
            id: image.id,
            occasion: promised.occasion,
            expectation: Expectation {
                algorithm: chosen.unwrap_or(&settings.hashing.default).clone(),
                checksum: settings.hashing.checksum.clone(),
                size: promised.size,
                digests: promised.digests,
                signature: promised.signature,
                extra: settings.hashing.extra.clone(),
            },
            inspection: Inspection::of(image, &settings.inspection),
            cap: settings.image_size_cap,
            meter: None,
            progress: Progress::default(),
        }
    }

    /// Takes `source` to its end into `sink`, verifies it, and publishes it. The image is not
    /// active yet: [`Core::activate`] makes it so.
    ///
    /// # Errors
    ///
    /// Nothing is kept then, nor when the future is dropped before it publishes.
    #[tracing::instrument(name = "data.take_in", level = "debug", skip_all, fields(image.id = %terms.id, store.id = %sink.id))]
    pub(in crate::service) async fn take_in(
        &self,
        source: Incoming,
        sink: &NamedStore,
        terms: &Terms,
    ) -> Result<Copy, ServiceError> {
        let begun = Instant::now();
        let limited = stream::limit(source, terms.cap, terms.progress.clone());
        let metered = metered(limited, terms.meter.as_ref());
        let (inspected, found) = terms.inspection.clone().pass(metered);
        let running = self.parts.hashers.start(&terms.expectation.algorithms())?;
        let (tapped, pending) = running.tap(inspected);
        let received = sink.store.receive(terms.id, Box::pin(tapped)).await;
        figures::note_received(terms.occasion, terms.progress.bytes());
        let received = received?;
        let (size, digests) = pending.join().await?;
        let measured = Measured { size, digests };
        figures::note_pass(terms.occasion, &terms.expectation, &measured, begun);
        let verified = verify(terms, &*received, &measured)?;
        let judgement = found.await.map_err(ServiceError::internal)?;
        received.publish().await?;
        Ok(Copy {
            verified,
            virtual_size: judgement.virtual_size,
            location: Location {
                store: sink.id.clone(),
                url: sink.store.url(terms.id),
            },
        })
    }

    /// Takes `source` to its end into nothing, and verifies it: the bytes of a copy, read again.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Mismatch`] if they are not what is expected,
    /// [`ServiceError::StoreUnavailable`] if they cannot be read.
    pub(in crate::service) async fn read_again(
        &self,
        source: Outgoing,
        expectation: &Expectation,
        occasion: Occasion,
    ) -> Result<Verified, ServiceError> {
        let begun = Instant::now();
        let running = self.parts.hashers.start(&expectation.algorithms())?;
        let (mut tapped, pending) = running.tap(source);
        while let Some(frame) = tapped.next().await {
            frame.map_err(|error| ServiceError::StoreUnavailable(error.into()))?;
        }
        let (size, digests) = pending.join().await?;
        let measured = Measured { size, digests };
        figures::note_pass(occasion, expectation, &measured, begun);
        Ok(expectation.verify(&measured)?)
    }

    /// Makes the image active with the bytes of `copy`, which came by `source`, within `tx`;
    /// `false` if the image is not in status `from` any more.
    pub(in crate::service) async fn activate(
        &self,
        tx: &mut Transaction,
        image: &Image,
        copy: &Copy,
        source: DigestSource,
    ) -> Result<bool, ServiceError> {
        let at = self.parts.clock.now();
        let activation = Activation {
            from: image.status,
            verified: &copy.verified,
            virtual_size: copy.virtual_size,
            locations: slice::from_ref(&copy.location),
            at,
        };
        image.status.activate(&copy.verified)?;
        if !tx.activate_image(image.id, &activation).await? {
            return Ok(false);
        }
        let found = Finding {
            store: &copy.location.store,
            source,
            digests: copy.verified.digests(),
            at,
        };
        tx.record_digests(image.id, &found).await?;
        for name in [property_names::FAILURE, property_names::STAGED_CHECKSUM] {
            tx.remove_property(image.id, name).await?;
        }
        self.emit_activated(tx, image.id).await?;
        Ok(true)
    }

    /// Puts an image whose data did not arrive back to `queued`, within `tx`, and tells its
    /// owner why; `false` if the image is not in status `from` any more.
    pub(in crate::service) async fn abandon(
        &self,
        tx: &mut Transaction,
        id: ImageId,
        from: ImageStatus,
        reason: &ServiceError,
    ) -> Result<bool, ServiceError> {
        from.abandon()?;
        if !tx.abandon_image(id, from, self.parts.clock.now()).await? {
            return Ok(false);
        }
        tx.set_property(id, property_names::FAILURE, Some(&reason.with_code()))
            .await?;
        tx.remove_property(id, property_names::STAGED_CHECKSUM)
            .await?;
        self.emit_abandoned(tx, id, from, reason).await?;
        Ok(true)
    }

    /// Removes the bytes that a store holds of an image, then the record that it does.
    pub(in crate::service) async fn remove_copy(
        &self,
        id: ImageId,
        store: &StoreId,
    ) -> Result<(), ServiceError> {
        let named = self
            .parts
            .stores
            .get(store.as_str())
            .ok_or(ServiceError::NotHere(
                "the store of the data is not configured any more",
            ))?;
        named.store.delete(id).await?;
        let mut tx = self.parts.db.begin().await?;
        tx.remove_location(id, store).await?;
        Ok(tx.commit().await?)
    }
}

/// Holds what was measured against the terms, and against what the store says it holds.
fn verify(
    terms: &Terms,
    received: &dyn Received,
    measured: &Measured,
) -> Result<Verified, ServiceError> {
    if received.size() != measured.size {
        return Err(ServiceError::internal(format!(
            "the store took {} bytes of {}",
            received.size(),
            measured.size
        )));
    }
    Ok(terms.expectation.verify(measured)?)
}
