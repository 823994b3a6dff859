//! Bytes that a client reads.

use std::ops::Range;

use super::{DataService, fallover::bad_copies, sent};
use crate::{
    db::Session,
    domain::{ByteRange, Caller, Image, ImageId, ImageStatus},
    policy::Action,
    service::{Core, ServiceError},
    stream::Outgoing,
};

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
    /// [`ServiceError::NoSuchImage`] if the stores have lost it.
    #[tracing::instrument(name = "data.download", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn download(
        &self,
        caller: &Caller,
        id: ImageId,
        range: Option<ByteRange>,
    ) -> Result<Download, ServiceError> {
        let parts = &self.0.parts;
        let (image, bad) = {
            let mut session = parts.db.read().await?;
            let image = self.0.downloadable(&mut session, caller, id).await?;
            let bad = bad_copies(&mut session, &image).await?;
            (image, bad)
        };
        let Some(size) = image.size.filter(|_| !image.locations.is_empty()) else {
            return Ok(Download::NoData);
        };
        let range = range
            .map(|range| range.within(size).ok_or(ServiceError::OutOfRange { size }))
            .transpose()?;
        let wanted = range.clone().unwrap_or(0..size);
        let expected = wanted.end.saturating_sub(wanted.start);
        let body = self.0.open_image(&image, &bad, wanted).await?;
        let body = sent::told(&self.0, caller, &image, expected, body);
        Ok(Download::Data {
            size,
            range,
            checksum: image.checksum,
            body,
        })
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
