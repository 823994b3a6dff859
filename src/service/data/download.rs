//! Bytes that a client reads.

use std::ops::Range;

use super::{DataService, fallover::ReadOrder, sent};
use crate::{
    db::Session,
    domain::{ByteRange, Caller, Image, ImageId, ImageStatus, StoreId},
    policy::Action,
    service::{Core, ServiceError},
    stream::Outgoing,
};

/// What a client asks of a download.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DownloadCall {
    /// The part that is wanted; none: all of it.
    pub range: Option<ByteRange>,
    /// The stores to read from rather than from others (`prefer`), the first of them first.
    pub preferred: Vec<String>,
}

/// What a download gives.
pub enum Download {
    /// The image has no bytes yet.
    NoData,
    /// Bytes.
    Data {
        /// The size of the image, in bytes.
        size: u64,
        /// The part that was asked for; none: all of it.
        range: Option<Range<u64>>,
        /// The MD5 digest of the whole image.
        checksum: Option<String>,
        /// The bytes.
        body: Outgoing,
    },
}

impl DataService {
    /// The image's bytes, or a part of them. All of them together end with an error instead of
    /// their last frame if they are not what they should be, and the settings want that; bytes
    /// that others have always do.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Forbidden`] if the image is deactivated and the caller no
    /// administrator, [`ServiceError::OutOfRange`] if no byte was asked for,
    /// [`ServiceError::Invalid`] if a store is preferred that is not there,
    /// [`ServiceError::NoSuchImage`] if the stores have lost it.
    #[tracing::instrument(name = "data.download", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn download(
        &self,
        caller: &Caller,
        id: ImageId,
        call: DownloadCall,
    ) -> Result<Download, ServiceError> {
        let (image, order) = {
            let mut session = self.0.parts.db.read().await?;
            let image = self.0.downloadable(&mut session, caller, id).await?;
            let preferred = self.preferred(&mut session, caller, id, call.preferred);
            let preferred = preferred.await?;
            let order = ReadOrder::of(&mut session, &image, preferred).await?;
            (image, order)
        };
        let Some(size) = image.size.filter(|_| !image.locations.is_empty()) else {
            return Ok(Download::NoData);
        };
        let range = call
            .range
            .map(|range| range.within(size).ok_or(ServiceError::OutOfRange { size }))
            .transpose()?;
        let wanted = range.clone().unwrap_or(0..size);
        let expected = wanted.end.saturating_sub(wanted.start);
        let body = self.0.open_image(&image, &order, wanted).await?;
        let body = sent::told(&self.0, caller, &image, expected, body);
        Ok(Download::Data {
            size,
            range,
            checksum: image.checksum,
            body,
        })
    }

    /// The stores of these names, from which the caller may ask to be served.
    async fn preferred(
        &self,
        session: &mut Session,
        caller: &Caller,
        id: ImageId,
        names: Vec<String>,
    ) -> Result<Vec<StoreId>, ServiceError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let action = Action::DownloadFromStore;
        self.0.permitted(session, caller, id, action).await?;
        let known = &self.0.parts.stores;
        let store = |name: &String| {
            let found = known.get(name).map(|named| named.id.clone());
            found
                .ok_or_else(|| ServiceError::Invalid(format!("prefer: there is no store '{name}'")))
        };
        names.iter().map(store).collect()
    }
}

impl Core {
    /// The image, if the caller may read its bytes, of which there need not be any.
    pub(in crate::service) async fn downloadable(
        &self,
        session: &mut Session,
        caller: &Caller,
        id: ImageId,
    ) -> Result<Image, ServiceError> {
        let sighted = self
            .permitted(session, caller, id, Action::DownloadImage)
            .await?;
        let image = sighted.image;
        if image.status == ImageStatus::Deactivated && !self.parts.policy.is_admin(caller) {
            return Err(ServiceError::Forbidden(
                "The requested image has been deactivated. Image data download is forbidden."
                    .into(),
            ));
        }
        Ok(image)
    }
}
