//! Signed receipts of verifications.

use std::sync::Arc;

use crate::{
    domain::{Caller, ChainEnd, ImageId},
    policy::Action,
    service::{Core, ServiceError},
};

/// How many receipts are signed in one transaction.
const BATCH: u32 = 100;

/// How many receipts of an image are told at most.
const MOST: u32 = 1000;

/// Use cases of receipts.
#[derive(Clone)]
pub struct Receipts(Arc<Core>);

impl Receipts {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// Whether this process has a key to sign with.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.0.parts.signer.is_some()
    }

    /// Signs receipts that wait, the oldest first, and tells how many. Any number of processes may
    /// do so: each adds to the one chain while it holds its end.
    ///
    /// # Errors
    ///
    /// If the database cannot be used; the receipts then wait on.
    #[tracing::instrument(name = "receipts.sign", level = "debug", skip_all)]
    pub async fn sign_waiting(&self) -> Result<usize, ServiceError> {
        let parts = &self.0.parts;
        let Some(signer) = &parts.signer else {
            return Ok(0);
        };
        if parts.db.read().await?.list_unsigned(1).await?.is_empty() {
            return Ok(0);
        }
        let mut tx = parts.db.begin().await?;
        let mut end = tx.hold_chain().await?;
        let waiting = tx.list_unsigned(BATCH).await?;
        for unsigned in &waiting {
            let envelope = signer.sign(&unsigned.verification, &end);
            end = ChainEnd {
                count: end.count + 1,
                last: Some(envelope.hash()),
            };
            tx.add_receipt(unsigned.entry, &envelope.to_json(), &end)
                .await?;
        }
        tx.commit().await?;
        Ok(waiting.len())
    }

    /// The latest receipts of an image, as text, the oldest of them first.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`] also if the caller may not get it.
    #[tracing::instrument(name = "receipts.list", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn list(&self, caller: &Caller, id: ImageId) -> Result<Vec<String>, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        self.0
            .permitted(&mut session, caller, id, Action::GetImage)
            .await?;
        Ok(session.list_receipts(id, MOST).await?)
    }
}
