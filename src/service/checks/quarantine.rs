//! Images of which no copy is sound.

use crate::{
    db::Transaction,
    domain::{Check, CheckPurpose, CopyRecord, ImageId, ImageStatus, property_names},
    service::{Core, OnDamage, ServiceError},
};

/// How the reason begins why an image is closed of which no copy is sound.
pub(in crate::service) const DAMAGED: &str = "DATA_DAMAGED";

impl Core {
    /// Within `tx`, which has locked the image: closes it if no copy of it can be sound, and the
    /// operator wants that. As long as one may be, it is read first.
    pub(super) async fn quarantine(
        &self,
        tx: &mut Transaction,
        cause: &Check,
        reason: &str,
    ) -> Result<(), ServiceError> {
        if self.parts.settings.at_rest.on_damage != OnDamage::Quarantine {
            return Ok(());
        }
        let (id, now) = (cause.image_id, self.parts.clock.now());
        let copies = tx.list_copies(id).await?;
        if !none_is_sound(&copies) {
            for copy in copies.iter().filter(|copy| !copy.state.is_bad()) {
                let check = Check {
                    store: copy.store.clone(),
                    purpose: CheckPurpose::Verify,
                    algorithms: Vec::new(),
                    ..cause.clone()
                };
                tx.ask_check(&check, now).await?;
            }
            return Ok(());
        }
        let from = ImageStatus::Active;
        if !tx.move_image(id, from, from.deactivate()?, now).await? {
            return Ok(());
        }
        let why = format!("{DAMAGED}: no copy of the data is sound: {reason}");
        tx.set_property(id, property_names::FAILURE, Some(&why))
            .await?;
        tracing::error!(image.id = %id, "an image is closed, for no copy of it is sound");
        self.emit_saved(tx, id).await
    }

    /// Within `tx`: the image may be opened again.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Forbidden`] if it is known that no copy of it is sound.
    pub(in crate::service) async fn permit_opening(
        &self,
        tx: &mut Transaction,
        id: ImageId,
    ) -> Result<(), ServiceError> {
        if !none_is_sound(&tx.list_copies(id).await?) {
            return Ok(());
        }
        Err(ServiceError::Forbidden(
            "Not allowed to reactivate image: no copy of its data is sound. Put one right, and have \
             the image verified first."
                .into(),
        ))
    }

    /// Asks for every copy of the image to be read, since what was read of one was not what it
    /// should be.
    pub(in crate::service) async fn suspect(&self, id: ImageId) -> Result<(), ServiceError> {
        let mut tx = self.begin_on(id).await?;
        let Some(image) = tx.find_image(id).await? else {
            return Ok(());
        };
        for location in image.locations {
            let check = Check {
                image_id: id,
                store: location.store,
                purpose: CheckPurpose::Read,
                algorithms: Vec::new(),
                user_id: None,
                request_id: None,
                attempts: 0,
            };
            tx.ask_check(&check, self.parts.clock.now()).await?;
        }
        self.commit_asked(tx).await
    }
}

fn none_is_sound(copies: &[CopyRecord]) -> bool {
    !copies.is_empty() && copies.iter().all(|copy| copy.state.is_bad())
}
