//! Bytes that a client uploads.

use std::{slice, sync::Arc};

use super::{
    DataService,
    intake::{Door, Intake, Upload},
    pipeline::{Promised, Stored, Terms},
};
use crate::{
    domain::{Caller, DigestSource, ImageId, ImageStatus},
    policy::Action,
    service::{Core, ServiceError, figures::Occasion, quota::Purpose},
    store::NamedStore,
    stream::Incoming,
};

impl DataService {
    /// Takes in the image's bytes and makes it active. Once begun it runs to its end, also
    /// when the client goes away.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Illegal`] unless the image is queued; [`ServiceError::Interrupted`],
    /// [`ServiceError::Mismatch`], [`ServiceError::TooLarge`], [`ServiceError::OverQuota`] or
    /// [`ServiceError::NoRoom`] if the bytes cannot be kept: the image is queued again, and nothing is left of them;
    /// [`ServiceError::Gone`] if the image was deleted meanwhile.
    #[tracing::instrument(name = "data.upload", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn upload(
        &self,
        caller: &Caller,
        id: ImageId,
        upload: Upload,
    ) -> Result<(), ServiceError> {
        let store = self.0.store_named(upload.store.as_deref())?.clone();
        check_writable(&store)?;
        let door = Door {
            action: Action::UploadImage,
            verb: ImageStatus::begin_upload,
            purpose: Purpose::Upload,
            store: Some(store.id.clone()),
            expected: upload.expected,
        };
        let intake = Intake::begin(&self.0, caller, id, upload.size, door).await?;
        self.0.run_to_end(finish(intake, store, upload.body)).await
    }
}

impl Core {
    /// The store that a client names, or the default one. A deployment whose stores have no
    /// names takes no notice of what the client says.
    pub(in crate::service) fn store_named(
        &self,
        name: Option<&str>,
    ) -> Result<&NamedStore, ServiceError> {
        let stores = &self.parts.stores;
        let name = name.filter(|_| self.parts.stores_are_named);
        let name = name.unwrap_or_else(|| stores.default_id().as_str());
        stores.get(name).ok_or_else(|| {
            let known: Vec<_> = stores.iter().map(|store| store.id.as_str()).collect();
            ServiceError::Invalid(format!(
                "Invalid store '{name}'. Configured stores: {}",
                known.join(", ")
            ))
        })
    }
}

/// Refuses a store that only reads what others have.
///
/// # Errors
///
/// [`ServiceError::Conflict`] with its name.
pub(in crate::service) fn check_writable(store: &NamedStore) -> Result<(), ServiceError> {
    if store.external().is_none() {
        return Ok(());
    }
    Err(ServiceError::Conflict(format!(
        "Adding images to store '{}' is disabled: it is read-only.",
        store.id
    )))
}

async fn finish(intake: Intake, store: NamedStore, body: Incoming) -> Result<(), ServiceError> {
    let core = Arc::clone(&intake.core);
    let promised = Promised {
        occasion: Occasion::Upload,
        size: intake.size,
        digests: intake.expected.clone(),
        signature: intake.signature.clone(),
    };
    let terms = Terms {
        meter: intake.meter.clone(),
        sender: intake.sender.clone(),
        ..core.terms(&intake.image, promised)
    };
    let stored = match intake.hold(take_in(&core, body, &store, &terms)).await {
        Ok(stored) => stored,
        Err(reason) => return Err(intake.give_up(reason).await),
    };
    // An error in between leaves it open whether the image is active; the claim then lapses,
    // and the sweep looks.
    if activate(&intake, &stored).await? {
        return Ok(());
    }
    store.store.delete(intake.image.id).await?;
    let gone = ServiceError::Gone(intake.image.id);
    Err(intake.give_up(gone).await)
}

async fn take_in(
    core: &Core,
    body: Incoming,
    store: &NamedStore,
    terms: &Terms,
) -> Result<Stored, ServiceError> {
    // What a store has of an image without data was left by an import that could not remove it.
    store.store.delete(terms.id).await?;
    Ok(core.take_in(body, slice::from_ref(store), terms).await?)
}

/// `false`, with the claim still held, if the image was deleted meanwhile.
async fn activate(intake: &Intake, stored: &Stored) -> Result<bool, ServiceError> {
    let core = &intake.core;
    let mut tx = core.begin_on(intake.image.id).await?;
    intake.release(&mut tx).await?;
    if !core
        .activate(&mut tx, &intake.image, stored, DigestSource::Upload)
        .await?
    {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}
