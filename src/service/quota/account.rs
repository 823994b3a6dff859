//! A project whose quota is drawn on, under its lock.

use uuid::Uuid;

use super::rule::{Allowance, Bound, check_count};
use crate::{
    db::{Reservation, Transaction, Usage},
    domain::{ImageId, ProjectLimits, Resource},
    service::{ServiceError, UnknownSize},
};

/// A project, and what it may have.
#[derive(Debug, Clone)]
pub(in crate::service) struct Account {
    project: String,
    allowance: Allowance,
    unknown_size: UnknownSize,
}

/// For what bytes arrive, which tells what they count for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum Purpose {
    /// A client uploads them.
    Upload,
    /// A client stages them.
    Stage,
    /// They are staged, and will be stored.
    ImportStaged,
    /// They will be downloaded.
    AcceptDownload,
    /// They are being downloaded.
    Download,
    /// They are being downloaded to the staging area, and others will be stored for them.
    Fetch,
    /// They are made of others that are staged, and will be stored.
    Change,
    /// They are copied between stores.
    Copy,
}

/// Bytes that are about to arrive for an image.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Arrival {
    /// The image.
    pub(in crate::service) image: ImageId,
    /// Who brings them in.
    pub(in crate::service) holder: Uuid,
    /// For what they arrive.
    pub(in crate::service) purpose: Purpose,
    /// How many there will be, where it is known.
    pub(in crate::service) size: Option<u64>,
    /// How many stores will hold them; each copy counts.
    pub(in crate::service) copies: u64,
    /// How many bytes lie staged meanwhile that have been reserved before.
    pub(in crate::service) beside: u64,
}

/// Of what there is a bound for one arrival.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    stored: Option<Bound>,
    staged: Option<Bound>,
}

impl Purpose {
    const fn stores(self) -> bool {
        !matches!(self, Self::Stage | Self::Fetch)
    }

    const fn stages(self) -> bool {
        matches!(
            self,
            Self::Stage | Self::AcceptDownload | Self::Download | Self::Fetch
        )
    }

    /// Whether it makes the image one of those to which data is arriving.
    const fn begins(self) -> bool {
        matches!(self, Self::Upload | Self::Stage | Self::AcceptDownload)
    }
}

impl Account {
    /// The caller's project, with its unified limits.
    pub(super) fn of_caller(
        project: &str,
        limits: ProjectLimits,
        unknown_size: UnknownSize,
    ) -> Self {
        Self {
            project: project.to_owned(),
            allowance: Allowance::Unified(limits),
            unknown_size,
        }
    }

    /// The owner of an image, who may have `most` bytes in stores.
    pub(super) fn of_owner(owner: &str, most: u64) -> Self {
        Self {
            project: owner.to_owned(),
            allowance: Allowance::Storage(most),
            unknown_size: UnknownSize::CutOff,
        }
    }

    /// Makes sure, until `tx` ends, that there may be one more image.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`]
    pub(super) async fn admit_image(&self, tx: &mut Transaction) -> Result<(), ServiceError> {
        let resource = Resource::ImageCountTotal;
        if self.allowance.count(resource).is_none() {
            return Ok(());
        }
        tx.lock_project(&self.project).await?;
        let images = tx.find_usage(&self.project, None).await?.images;
        check_count(&self.allowance, &self.project, resource, (images, 1))
    }

    /// Reserves what is known of `arrival`, whose image is in the status that says so, and tells
    /// whether the number of bytes is limited at all.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`]
    pub(super) async fn reserve(
        &self,
        tx: &mut Transaction,
        arrival: Arrival,
    ) -> Result<bool, ServiceError> {
        let uploading = Resource::ImageCountUploading;
        let counts = arrival.purpose.begins() && self.allowance.count(uploading).is_some();
        let is_bounded = self.bounds(arrival.purpose).is_any();
        if !is_bounded && !counts {
            return Ok(false);
        }
        let usage = self.look(tx, arrival.image).await?;
        let size = arrival.size.unwrap_or(0);
        self.room(&usage, arrival, size)?;
        if counts {
            let count = (usage.uploading, 0);
            check_count(&self.allowance, &self.project, uploading, count)?;
        }
        if is_bounded {
            let reservation = self.reservation(arrival, size);
            tx.save_reservation(&reservation).await?;
        }
        Ok(is_bounded)
    }

    /// What the project has besides what is reserved for `image`, which nobody adds to until
    /// `tx` ends.
    pub(super) async fn look(
        &self,
        tx: &mut Transaction,
        image: ImageId,
    ) -> Result<Usage, ServiceError> {
        tx.lock_project(&self.project).await?;
        Ok(tx.find_usage(&self.project, Some(image)).await?)
    }

    /// How many bytes of `arrival` fit in besides `usage`; an error if `wanted` do not. Those of
    /// unknown size fit in whatever they are, if they may exceed, and the rest does not already.
    pub(super) fn room(
        &self,
        usage: &Usage,
        arrival: Arrival,
        wanted: u64,
    ) -> Result<u64, ServiceError> {
        let may_exceed = arrival.size.is_none() && self.unknown_size == UnknownSize::MayExceed;
        match self.fitting(usage, arrival, wanted) {
            Err(_) if may_exceed => {
                self.fitting(usage, arrival, 0)?;
                Ok(wanted)
            }
            fitting => fitting,
        }
    }

    fn fitting(&self, usage: &Usage, arrival: Arrival, wanted: u64) -> Result<u64, ServiceError> {
        let Bounds { stored, staged } = self.bounds(arrival.purpose);
        let mut room = u64::MAX;
        for (bound, used, times) in [
            (stored, usage.stored, arrival.copies),
            (staged, usage.staged, 1),
        ] {
            if let Some(bound) = bound {
                let whole = bound.room(&self.project, used, wanted.saturating_mul(times))?;
                room = room.min(whole / times.max(1));
            }
        }
        Ok(room)
    }

    /// `size` bytes of `arrival`, reserved.
    pub(super) fn reservation(&self, arrival: Arrival, size: u64) -> Reservation<'_> {
        let part = |counts: bool, times: u64| {
            if counts {
                size.saturating_mul(times)
            } else {
                0
            }
        };
        Reservation {
            image_id: arrival.image,
            holder: arrival.holder,
            project: &self.project,
            stored: part(arrival.purpose.stores(), arrival.copies),
            staged: part(arrival.purpose.stages(), 1).saturating_add(arrival.beside),
        }
    }

    fn bounds(&self, purpose: Purpose) -> Bounds {
        let stored = self.allowance.stored();
        let staged = self.allowance.staged();
        Bounds {
            stored: stored.filter(|_| purpose.stores()),
            staged: staged.filter(|_| purpose.stages()),
        }
    }
}

impl Bounds {
    const fn is_any(&self) -> bool {
        self.stored.is_some() || self.staged.is_some()
    }
}
