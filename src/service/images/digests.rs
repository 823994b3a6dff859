//! What digests the bytes of an image were found to have, and what is known of its copies.

use super::ImageService;
use crate::{
    domain::{Caller, CopyRecord, DigestRecord, ImageId, Original},
    policy::Action,
    service::ServiceError,
};

/// What was found of an image's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDigests {
    /// Every digest that was ever found of them, the oldest first.
    pub records: Vec<DigestRecord>,
    /// What is known of each copy, best first.
    pub copies: Vec<CopyRecord>,
    /// What the bytes were made of, if they were.
    pub original: Option<Original>,
}

impl ImageService {
    /// Every digest that was ever found of the image's bytes, and how each copy was found when it
    /// was read last.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`] also if the caller may not get it.
    #[tracing::instrument(name = "images.digests", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn digests(
        &self,
        caller: &Caller,
        id: ImageId,
    ) -> Result<FoundDigests, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        self.0
            .permitted(&mut session, caller, id, Action::GetImage)
            .await?;
        let mut copies = session.list_copies(id).await?;
        let stores = &self.0.parts.stores;
        let rank = |copy: &CopyRecord| stores.iter().position(|named| named.id == copy.store);
        // A store that is not configured any more comes last.
        copies.sort_by_key(|copy| rank(copy).unwrap_or(usize::MAX));
        Ok(FoundDigests {
            records: session.list_digests(id).await?,
            copies,
            original: session.find_original(id).await?,
        })
    }
}
