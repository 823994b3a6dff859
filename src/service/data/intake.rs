//! An image that takes in the bytes a client sends, and the claim that goes with it.

use std::sync::Arc;

use uuid::Uuid;

use crate::{
    db::Transaction,
    domain::{
        Caller, ExpectedDigests, Illegal, Image, ImageId, ImageStatus, SignatureCheck, StoreId,
    },
    policy::Action,
    service::{
        Core, ServiceError,
        diagnosis::Sender,
        quota::{Arrival, Meter, Purpose},
    },
    stream::Incoming,
};

/// Where a client says what digests its bytes have.
const HEADERS: &str = "the headers of the request";

/// Bytes that a client sends.
pub struct Upload {
    /// The header `X-Image-Meta-Store`.
    pub store: Option<String>,
    /// The number of bytes, where the client said it.
    pub size: Option<u64>,
    /// The digests that the client says they have.
    pub expected: ExpectedDigests,
    /// The bytes.
    pub body: Incoming,
}

/// What a client asks to send bytes for.
pub(super) struct Door {
    pub(super) action: Action,
    /// The digests the bytes are expected to have, by whoever sends them.
    pub(super) expected: ExpectedDigests,
    pub(super) verb: fn(ImageStatus) -> Result<ImageStatus, Illegal>,
    pub(super) purpose: Purpose,
    /// The store that the bytes go to at once, if they do.
    pub(super) store: Option<StoreId>,
}

/// An image that takes in bytes. Nobody else touches its bytes while the claim is held.
pub(super) struct Intake {
    pub(super) core: Arc<Core>,
    pub(super) image: Image,
    pub(super) size: Option<u64>,
    /// What reserves the bytes, if their number is limited by a quota.
    pub(super) meter: Option<Meter>,
    /// The digests that the bytes must have.
    pub(super) expected: ExpectedDigests,
    /// The signature that the bytes must be what is signed by.
    pub(super) signature: Option<Arc<dyn SignatureCheck>>,
    /// Who brings the bytes.
    pub(super) sender: Sender,
    holder: Uuid,
}

impl Intake {
    /// Claims the image for bytes that are about to arrive, and moves its status.
    pub(super) async fn begin(
        core: &Arc<Core>,
        caller: &Caller,
        id: ImageId,
        size: Option<u64>,
        door: Door,
    ) -> Result<Self, ServiceError> {
        let parts = &core.parts;
        let quotas = core.quotas(caller.project_id.as_deref()).await?;
        let certificate = match &door.store {
            Some(_) => core.certificate_for(caller, id, door.action).await,
            None => Ok(None),
        };
        let mut tx = core.begin_on(id).await?;
        let mut image = core
            .permitted(&mut tx, caller, id, door.action)
            .await?
            .image;
        check_formats(&image)?;
        let status = (door.verb)(image.status)?;
        let expected = core.expected(&image, HEADERS, door.expected)?;
        let signature = match &door.store {
            Some(_) => core.signature_of(&image, certificate?.as_ref())?,
            None => None,
        };
        let cap = parts.settings.image_size_cap;
        if size.is_some_and(|size| size > cap) {
            return Err(ServiceError::TooLarge(cap));
        }
        let (holder, now) = (parts.ids.next(), parts.clock.now());
        if !core.claim_image(&mut tx, id, holder).await? {
            return Err(ServiceError::Raced(id));
        }
        if !tx.move_image(id, image.status, status, now).await? {
            return Err(ServiceError::Raced(id));
        }
        let arrival = Arrival {
            image: id,
            holder,
            purpose: door.purpose,
            size,
            copies: 1,
            beside: 0,
        };
        let owner = image.owner.as_deref();
        let meter = quotas.reserve(&parts.db, &mut tx, owner, arrival).await?;
        core.emit_begun(&mut tx, id, door.store.as_ref()).await?;
        tx.commit().await?;
        image.status = status;
        Ok(Self {
            core: Arc::clone(core),
            image,
            size,
            meter,
            expected,
            signature,
            sender: Sender::client(caller),
            holder,
        })
    }

    /// Does `work` for as long as the claim is held.
    pub(super) async fn hold<T>(
        &self,
        work: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, ServiceError> {
        tokio::select! {
            done = work => done,
            () = self.core.hold_claim(self.image.id, self.holder) => Err(ServiceError::Gone(self.image.id)),
        }
    }

    /// Ends the claim within `tx`. An error if somebody else has taken it over: then the bytes
    /// are theirs to deal with.
    pub(super) async fn release(&self, tx: &mut Transaction) -> Result<(), ServiceError> {
        if tx.release_claim(self.image.id, self.holder).await? {
            Ok(())
        } else {
            Err(ServiceError::Raced(self.image.id))
        }
    }

    /// Gives back within `tx` what was reserved for bytes that count by themselves from now on,
    /// once the image says how many there are: whoever deletes it locks it first, too.
    pub(super) async fn settle(&self, tx: &mut Transaction) -> Result<(), ServiceError> {
        if self.meter.is_some() {
            tx.drop_reservation(self.image.id, self.holder).await?;
        }
        Ok(())
    }

    /// Puts the image back to `queued` because of `reason`, which is given back; if the image
    /// was deleted meanwhile, that is the reason.
    pub(super) async fn give_up(self, reason: ServiceError) -> ServiceError {
        match self.abandon(&reason).await {
            Ok(true) => reason,
            Ok(false) => ServiceError::Gone(self.image.id),
            Err(error) => {
                tracing::warn!(
                    image.id = %self.image.id,
                    error = &error as &dyn std::error::Error,
                    "an upload could not be given up; the next sweep does it"
                );
                reason
            }
        }
    }

    async fn abandon(&self, reason: &ServiceError) -> Result<bool, ServiceError> {
        let mut tx = self.core.begin_on(self.image.id).await?;
        self.release(&mut tx).await?;
        let abandoned = self
            .core
            .abandon(&mut tx, self.image.id, self.image.status, reason)
            .await?;
        tx.commit().await?;
        Ok(abandoned)
    }
}

fn check_formats(image: &Image) -> Result<(), ServiceError> {
    let missing: Vec<_> = [
        ("disk_format", &image.disk_format),
        ("container_format", &image.container_format),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.is_none().then_some(name))
    .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(ServiceError::Invalid(format!(
        "Properties {} must be set prior to saving data.",
        missing.join(", ")
    )))
}
