//! The rule of when there is too much, and the words that say so.

use crate::{
    db::Usage,
    domain::{Limit, ProjectLimits, Resource},
    service::ServiceError,
};

/// Unified limits count bytes in MiB, rounded down.
pub(super) const MIB: u64 = 1 << 20;

/// What a project may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    /// So much of each resource.
    Unified(ProjectLimits),
    /// So many bytes in stores (`user_storage_quota`).
    Storage(u64),
}

/// How many bytes a project may have of one sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// So many MiB of a resource.
    Unified(Resource, u64),
    /// So many bytes.
    Storage(u64),
}

impl Allowance {
    /// The most bytes in stores.
    pub(super) const fn stored(&self) -> Option<Bound> {
        match self {
            Self::Unified(limits) => bound(limits, Resource::ImageSizeTotal),
            Self::Storage(most) => Some(Bound::Storage(*most)),
        }
    }

    /// The most bytes that are staged.
    pub(super) const fn staged(&self) -> Option<Bound> {
        match self {
            Self::Unified(limits) => bound(limits, Resource::ImageStageTotal),
            Self::Storage(_) => None,
        }
    }

    /// The most there may be of what is counted by the piece.
    pub(super) const fn count(&self, resource: Resource) -> Option<u64> {
        match self {
            Self::Unified(limits) => at_most(limits, resource),
            Self::Storage(_) => None,
        }
    }
}

impl Bound {
    /// How many bytes fit in besides `used`, which may be too many already.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`] if `wanted` do not.
    pub(super) fn room(self, project: &str, used: u64, wanted: u64) -> Result<u64, ServiceError> {
        let room = self.most().checked_sub(used);
        room.filter(|room| wanted <= *room)
            .ok_or_else(|| self.refusal(project, used, wanted))
    }

    /// The most bytes. Of unified limits a MiB that is not full does not count.
    const fn most(self) -> u64 {
        match self {
            Self::Unified(_, mib) => mib.saturating_add(1).saturating_mul(MIB) - 1,
            Self::Storage(most) => most,
        }
    }

    fn refusal(self, project: &str, used: u64, wanted: u64) -> ServiceError {
        match self {
            Self::Unified(resource, limit) => {
                let after = used.saturating_add(wanted) / MIB;
                over_limit(project, resource, limit, (used / MIB, after - used / MIB))
            }
            Self::Storage(most) => ServiceError::OverQuota(format!(
                "Image exceeds the storage quota: The size of the data {wanted} will exceed the \
                 limit. {} bytes remaining.",
                most.saturating_sub(used)
            )),
        }
    }
}

/// Holds a number of things, `delta` of which are to come, against what `allowance` says.
///
/// # Errors
///
/// [`ServiceError::OverQuota`]
pub(super) fn check_count(
    allowance: &Allowance,
    project: &str,
    resource: Resource,
    (used, delta): (u64, u64),
) -> Result<(), ServiceError> {
    match allowance.count(resource) {
        Some(limit) if used.saturating_add(delta) > limit => {
            Err(over_limit(project, resource, limit, (used, delta)))
        }
        _ => Ok(()),
    }
}

/// What `usage` has of a resource, in the resource's unit.
pub(super) const fn used(usage: &Usage, resource: Resource) -> u64 {
    match resource {
        Resource::ImageSizeTotal => usage.stored / MIB,
        Resource::ImageStageTotal => usage.staged / MIB,
        Resource::ImageCountTotal => usage.images,
        Resource::ImageCountUploading => usage.uploading,
    }
}

const fn bound(limits: &ProjectLimits, resource: Resource) -> Option<Bound> {
    match limits.of(resource) {
        Limit::Unlimited => None,
        Limit::AtMost(mib) => Some(Bound::Unified(resource, mib)),
    }
}

const fn at_most(limits: &ProjectLimits, resource: Resource) -> Option<u64> {
    match limits.of(resource) {
        Limit::Unlimited => None,
        Limit::AtMost(limit) => Some(limit),
    }
}

/// The words of oslo.limit.
fn over_limit(
    project: &str,
    resource: Resource,
    limit: u64,
    (used, delta): (u64, u64),
) -> ServiceError {
    let name = resource.as_str();
    ServiceError::OverQuota(format!(
        "Project {project} is over a limit for [Resource {name} is over limit of {limit} due to \
         current usage {used} and delta {delta}]"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Bound = Bound::Unified(Resource::ImageSizeTotal, 10);

    fn told(refused: Result<u64, ServiceError>) -> String {
        refused.expect_err("too much").to_string()
    }

    #[test]
    fn what_fills_a_quota_to_the_last_byte_fits_and_one_byte_more_does_not() {
        let quota = Bound::Storage(100);
        assert_eq!(quota.room("p", 40, 60).ok(), Some(60));
        assert_eq!(
            told(quota.room("p", 40, 61)),
            "Image exceeds the storage quota: The size of the data 61 will exceed the limit. \
             60 bytes remaining."
        );
        let told = told(quota.room("p", 101, 0));
        assert!(told.ends_with(" 0 bytes remaining."), "{told}");
    }

    #[test]
    fn of_a_limit_in_mib_only_full_ones_count() {
        assert!(SIZE.room("p", 0, 10 * MIB).is_ok());
        assert!(SIZE.room("p", 0, 11 * MIB - 1).is_ok());
        assert!(SIZE.room("p", 0, 11 * MIB).is_err());
        assert!(SIZE.room("p", 10 * MIB + MIB / 2, MIB / 2 - 1).is_ok());
        assert!(SIZE.room("p", 10 * MIB + MIB / 2, MIB / 2).is_err());
    }

    #[test]
    fn what_two_images_have_beyond_full_mib_counts_together() {
        // Each by itself has 5 full MiB, both have 11.
        let size = 5 * MIB + MIB / 2;
        assert_eq!(
            told(SIZE.room("p", size, size)),
            "Project p is over a limit for [Resource image_size_total is over limit of 10 due to \
             current usage 5 and delta 6]"
        );
    }

    #[test]
    fn a_limit_that_no_number_of_bytes_reaches_lets_everything_in() {
        let endless = Bound::Unified(Resource::ImageSizeTotal, u64::MAX);
        assert!(endless.room("p", 1 << 62, 1 << 62).is_ok());
    }

    #[test]
    fn a_count_may_reach_its_limit_and_not_pass_it() {
        let mut limits = ProjectLimits::default();
        limits.set(Resource::ImageCountTotal, Limit::AtMost(2));
        limits.set(Resource::ImageCountUploading, Limit::Unlimited);
        let allowance = Allowance::Unified(limits);
        let check = |resource, count| check_count(&allowance, "p", resource, count);
        assert!(check(Resource::ImageCountTotal, (1, 1)).is_ok());
        assert_eq!(
            check(Resource::ImageCountTotal, (2, 1))
                .expect_err("too many")
                .to_string(),
            "Project p is over a limit for [Resource image_count_total is over limit of 2 due to \
             current usage 2 and delta 1]"
        );
        assert!(check(Resource::ImageCountUploading, (u64::MAX, 1)).is_ok());
    }
}
