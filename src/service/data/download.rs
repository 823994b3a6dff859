//! Bytes that a client reads.

use std::ops::Range;

use super::{DataService, checked::checked, fallover::Copy, sent};
use crate::{
    db::Session,
    domain::{ByteRange, Caller, Image, ImageId, ImageStatus, StoreId},
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
            // With one copy there is nothing to choose from, and nothing to ask.
            let bad = match image.locations.as_slice() {
                [] | [_] => Vec::new(),
                _ => session.list_bad_copies(id).await?,
            };
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
        let body = self.read(&image, &bad, wanted).await?;
        let body = sent::told(&self.0, caller, &image, expected, body);
        Ok(Download::Data {
            size,
            range,
            checksum: image.checksum,
            body,
        })
    }

    /// The `wanted` ones of the bytes of the image, of which the copies in the stores `bad` are not
    /// sound. What others have is never given unless
    /// it is what it was: it is read whole, also for a part of it.
    async fn read(
        &self,
        image: &Image,
        bad: &[StoreId],
        wanted: Range<u64>,
    ) -> Result<Outgoing, ServiceError> {
        let (core, size) = (&self.0, image.size.unwrap_or(0));
        let mut copies = core.copies_of(image, bad);
        if wanted == (0..size) {
            let verifies = core.parts.settings.at_rest.verify_reads;
            let is_checked = verifies || copies.iter().any(Copy::is_external);
            let body = core.open_copies(image, copies, 0..size).await?;
            return if is_checked {
                checked(core, image, body, wanted)
            } else {
                Ok(body)
            };
        }
        if copies.iter().all(Copy::is_external) {
            let body = core.open_copies(image, copies, 0..size).await?;
            return checked(core, image, body, wanted);
        }
        copies.retain(|copy| !copy.is_external());
        core.open_copies(image, copies, wanted).await
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
