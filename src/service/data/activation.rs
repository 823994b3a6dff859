//! The end of the data path: the image becomes active with what was verified, or goes back to
//! `queued` without it.

use crate::{
    db::{Activation, Finding, Transaction},
    domain::{DigestSource, Image, ImageId, ImageStatus, property_names},
    service::{Core, ServiceError, data::pipeline::Stored},
};

impl Core {
    /// Makes the image active with what is `stored`, which came by `source`, within `tx`, and tells
    /// others; `false` if the image is not in the status that it had any more.
    pub(in crate::service) async fn activate(
        &self,
        tx: &mut Transaction,
        image: &Image,
        stored: &Stored,
        source: DigestSource,
    ) -> Result<bool, ServiceError> {
        let is_active = self.make_active(tx, image, stored, source).await?;
        if is_active {
            self.emit_activated(tx, image.id).await?;
        }
        Ok(is_active)
    }

    /// As [`Core::activate`], but tells nobody.
    pub(in crate::service) async fn make_active(
        &self,
        tx: &mut Transaction,
        image: &Image,
        stored: &Stored,
        source: DigestSource,
    ) -> Result<bool, ServiceError> {
        let at = self.parts.clock.now();
        let activation = Activation {
            from: image.status,
            verified: &stored.verified,
            virtual_size: stored.virtual_size,
            locations: &stored.locations,
            at,
        };
        image.status.activate(&stored.verified)?;
        if !tx.activate_image(image.id, &activation).await? {
            return Ok(false);
        }
        self.record(tx, image.id, stored, source).await?;
        for name in [property_names::FAILURE, property_names::STAGED_CHECKSUM] {
            tx.remove_property(image.id, name).await?;
        }
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
        tx.remove_published(id).await?;
        self.emit_abandoned(tx, id, from, reason).await?;
        Ok(true)
    }

    /// Records the digests of each copy, and that they are those which the publisher said, if it
    /// did.
    pub(in crate::service) async fn record(
        &self,
        tx: &mut Transaction,
        id: ImageId,
        stored: &Stored,
        source: DigestSource,
    ) -> Result<(), ServiceError> {
        for location in &stored.locations {
            let found = Finding {
                store: &location.store,
                source,
                digests: stored.verified.digests(),
                at: self.parts.clock.now(),
            };
            tx.record_digests(id, &found).await?;
            tx.confirm_published(id, found.store, found.at).await?;
        }
        Ok(())
    }
}
