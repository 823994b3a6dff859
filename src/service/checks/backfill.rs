//! Finding further digests of all images, while they are served.

use tokio_util::sync::CancellationToken;

use super::{
    Asker, CheckService,
    run::{Ended, Run},
};
use crate::{
    db::Lacking,
    domain::{Algorithm, Check, CheckPurpose, Image, ImageId},
    service::ServiceError,
};

/// What came of one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// Its digests were found, or are known meanwhile.
    Found,
    /// Another process reads it.
    Busy,
    /// No copy of it could be read, or none is sound.
    Unsound,
    /// This process was told to stop.
    Stopped,
}

impl CheckService {
    /// The images that lack a digest under one of `algorithms`: how many, and of how many bytes.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn count_lacking(&self, algorithms: &[Algorithm]) -> Result<Lacking, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        Ok(session.count_lacking(algorithms).await?)
    }

    /// The first image after `after` that lacks a digest under one of `algorithms`.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    pub async fn next_lacking(
        &self,
        algorithms: &[Algorithm],
        after: Option<ImageId>,
    ) -> Result<Option<Image>, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        let mut after = after;
        while let Some(id) = session.next_lacking(algorithms, after).await? {
            let image = session.find_image(id).await?;
            if image.is_some() {
                return Ok(image);
            }
            // It was deleted meanwhile.
            after = Some(id);
        }
        Ok(None)
    }

    /// Finds the digests of `image` under `algorithms` that are not known, from the best copy that
    /// is sound. They are recorded only if the same reading confirms those that are known.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    #[tracing::instrument(name = "checks.backfill", level = "debug", skip_all, fields(image.id = %image.id))]
    pub async fn backfill(
        &self,
        image: &Image,
        algorithms: &[Algorithm],
        stop: &CancellationToken,
    ) -> Result<Filled, ServiceError> {
        // Each turn finds one copy more to be bad, or ends.
        for _ in &image.locations {
            let filled = self.backfill_once(image, algorithms, stop).await?;
            if let Some(filled) = filled {
                return Ok(filled);
            }
        }
        Ok(Filled::Unsound)
    }

    /// Reads the best copy that may be sound; `None` if it is bad.
    async fn backfill_once(
        &self,
        image: &Image,
        algorithms: &[Algorithm],
        stop: &CancellationToken,
    ) -> Result<Option<Filled>, ServiceError> {
        let core = &self.0;
        let copies = {
            let mut session = core.parts.db.read().await?;
            session.list_copies(image.id).await?
        };
        let Some(store) = core.good_copies(image, &copies).next() else {
            return Ok(Some(Filled::Unsound));
        };
        let wanted = Check {
            algorithms: algorithms.to_vec(),
            ..Asker::default().check(image.id, store, CheckPurpose::Backfill)
        };
        let lease = core.new_lease();
        let mut tx = core.begin_on(image.id).await?;
        let Some(check) = tx.begin_check(&wanted, lease).await? else {
            return Ok(Some(Filled::Busy));
        };
        // Another process may have found them since the image was listed.
        if !tx.lacks_digest(image.id, algorithms).await? {
            return Ok(Some(Filled::Found));
        }
        tx.commit().await?;
        Ok(
            match Run::new(core, lease.holder, check).attempt(stop).await? {
                Ended::Sound | Ended::Gone => Some(Filled::Found),
                Ended::Bad => None,
                Ended::PutOff => Some(Filled::Unsound),
                Ended::Lost => Some(Filled::Busy),
                Ended::Stopped => Some(Filled::Stopped),
            },
        )
    }
}
