//! What is done about a copy that is not sound, and about images of which none is.

use crate::{
    db::Transaction,
    domain::{Check, CheckPurpose, CopyRecord, ImageId, ImageStatus, StoreId, property_names},
    service::{Core, OnDamage, ServiceError, error::DAMAGED},
};

impl Core {
    /// Within `tx`, which has locked the image: does what the operator wants when a copy, the one
    /// of `cause`, is not what it should be.
    pub(super) async fn respond(
        &self,
        tx: &mut Transaction,
        cause: &Check,
        reason: &str,
    ) -> Result<(), ServiceError> {
        let wanted = self.parts.settings.at_rest.on_damage;
        if wanted == OnDamage::Report {
            return Ok(());
        }
        let copies = tx.list_copies(cause.image_id).await?;
        let is_ours = self.takes_copies(&cause.store);
        if wanted == OnDamage::Heal && is_ours && !none_is_sound(&copies) {
            return self.ask_again(tx, &healing(cause)).await;
        }
        self.close_unless_sound(tx, cause, reason).await
    }

    /// Within `tx`, which has locked the image: closes it if no copy of it can be sound. As long
    /// as one may be, it is read first.
    pub(super) async fn close_unless_sound(
        &self,
        tx: &mut Transaction,
        cause: &Check,
        reason: &str,
    ) -> Result<(), ServiceError> {
        let (id, now) = (cause.image_id, self.parts.clock.now());
        if !none_is_sound(&tx.list_copies(id).await?) {
            return self.suspect_others(tx, cause).await;
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

    /// Within `tx`: asks for the copies to be read that may be sound, for the one of `cause` is not.
    pub(super) async fn suspect_others(
        &self,
        tx: &mut Transaction,
        cause: &Check,
    ) -> Result<(), ServiceError> {
        let copies = tx.list_copies(cause.image_id).await?;
        for copy in copies.into_iter().filter(|copy| !copy.state.is_bad()) {
            let check = Check {
                store: copy.store,
                purpose: CheckPurpose::Verify,
                algorithms: Vec::new(),
                ..cause.clone()
            };
            self.ask_again(tx, &check).await?;
        }
        Ok(())
    }

    /// Within `tx`: the copy of `cause` was found to be sound, so those that are not can be made
    /// anew, if the operator wants that.
    pub(super) async fn heal_others(
        &self,
        tx: &mut Transaction,
        cause: &Check,
    ) -> Result<(), ServiceError> {
        if self.parts.settings.at_rest.on_damage != OnDamage::Heal {
            return Ok(());
        }
        let copies = tx.list_copies(cause.image_id).await?;
        for copy in copies {
            if copy.state.is_bad() && !copy.pending && self.takes_copies(&copy.store) {
                let check = Check {
                    store: copy.store,
                    ..healing(cause)
                };
                self.ask_again(tx, &check).await?;
            }
        }
        Ok(())
    }

    /// Whether copies in `store` can be made anew: what others have is theirs to put right.
    fn takes_copies(&self, store: &StoreId) -> bool {
        let named = self.parts.stores.get(store.as_str());
        named.is_none_or(|named| named.external().is_none())
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
    /// should be. That it cannot be asked for is told in the log.
    pub(in crate::service) async fn suspect(&self, id: ImageId) {
        if let Err(error) = self.ask_of_all(id).await {
            tracing::error!(
                image.id = %id,
                error = &error as &dyn std::error::Error,
                "nobody could be asked to look at a damaged image"
            );
        }
    }

    async fn ask_of_all(&self, id: ImageId) -> Result<(), ServiceError> {
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

/// The copy of `check` is to be made anew.
fn healing(check: &Check) -> Check {
    Check {
        purpose: CheckPurpose::Heal,
        algorithms: Vec::new(),
        ..check.clone()
    }
}

fn none_is_sound(copies: &[CopyRecord]) -> bool {
    !copies.is_empty() && copies.iter().all(|copy| copy.state.is_bad())
}
