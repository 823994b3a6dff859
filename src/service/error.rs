//! Why a use case did not do what was asked.

use std::error::Error;

use crate::{
    db::DbError,
    domain::{Diagnosis, Illegal, ImageId, JobId, JobStatus, Mismatch, PatchError, StoreId},
    hash::HashError,
    inspect::Rejection,
    jobs::Failure,
    policy::{Denied, Reason},
    service::{PluginError, publisher::PublisherError},
    signature::Unverifiable,
    store::StoreError,
    stream::Interrupted,
};

/// The code by which `os_glance_failure` tells that no copy of an image's data is sound.
pub(super) const DAMAGED: &str = "DATA_DAMAGED";

/// Why a use case did not do what was asked.
///
/// The texts of all variants but [`ServiceError::Internal`] are for the client.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The image does not exist, or the caller may not know that it does.
    #[error("No image found with ID {0}")]
    NoSuchImage(String),
    /// The image has no such member that the caller may know of.
    #[error("{member} not found in the member list of the image {image}")]
    NoSuchMember {
        /// The image.
        image: ImageId,
        /// The project.
        member: String,
    },
    /// There is no such task that the caller may know of.
    #[error("No task found with ID {0}")]
    NoSuchTask(String),
    /// The image does not have this tag.
    #[error("could not find tag {0}")]
    NoSuchTag(String),
    /// There is no such metadata definition that the caller may know of.
    #[error("{0}")]
    NoSuchMetadef(String),
    /// There is no such verification job that the caller may know of.
    #[error("there is no job {0}")]
    NoSuchJob(String),
    /// The job has no result yet; where it stands.
    #[error("job {id} has no result yet: it is {status}")]
    NoResult {
        /// The job.
        id: JobId,
        /// Where it stands.
        status: JobStatus,
    },
    /// The document is no job.
    #[error(transparent)]
    NoJob(Box<Failure>),
    /// So many jobs wait that no more are taken.
    #[error("{0} jobs wait already, which is as many as [jobs] max_queued allows")]
    TooManyJobs(u64),
    /// The store does not hold the image.
    #[error("Image {image} is not stored on store {store}.")]
    NoSuchCopy {
        /// The image.
        image: ImageId,
        /// The store.
        store: StoreId,
    },
    /// The thing does not exist in this deployment.
    #[error("{0}")]
    NotHere(&'static str),
    /// The policy says no; the rule's name.
    #[error("You are not authorized to complete {0} action.")]
    Denied(&'static str),
    /// A rule of the registry itself says no.
    #[error("{0}")]
    Forbidden(String),
    /// The marker of a list is an image that the caller may not see.
    #[error("the marker is not an image that you may see")]
    MarkerForbidden,
    /// What was asked for cannot be understood or does not fit: field and what is allowed.
    #[error("{0}")]
    Invalid(String),
    /// The image's status forbids it.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// Another request was faster.
    #[error("image {0} is being changed by another request")]
    Raced(ImageId),
    /// The thing to create is there already, or the things asked for exclude each other.
    #[error("{0}")]
    Conflict(String),
    /// A change cannot be made to the image as it stands.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// A quota is used up.
    #[error("{0}")]
    OverQuota(String),
    /// The data is larger than the registry takes, in bytes.
    #[error("the data is larger than the limit of {0} bytes")]
    TooLarge(u64),
    /// The store is full.
    #[error("there is not enough room in the store")]
    NoRoom,
    /// The image was deleted while its data arrived.
    #[error("image {0} was deleted while its data arrived")]
    Gone(ImageId),
    /// The data broke off; why.
    #[error("{0}")]
    Interrupted(String),
    /// The data is not what it should be.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The signature of the image cannot be checked.
    #[error("Signature verification failed for image {image}: {reason}")]
    Signature {
        /// The image.
        image: ImageId,
        /// Why it cannot.
        reason: Unverifiable,
    },
    /// What the publisher says of the data cannot be used.
    #[error(transparent)]
    Publisher(#[from] PublisherError),
    /// A plugin of imports cannot do its work with the data.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// The data is not what it should be, and it can be told why.
    #[error("{mismatch}; {diagnosis}")]
    Explained {
        /// What is not as it should be.
        mismatch: Mismatch,
        /// Why.
        diagnosis: Diagnosis,
    },
    /// The content of the data is not what it must be.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// No byte of the range asked for exists.
    #[error("the requested range does not lie within the {size} bytes of the image")]
    OutOfRange {
        /// The size of the image, in bytes.
        size: u64,
    },
    /// It cannot be told what the project may have.
    #[error("the limits of the project are not available")]
    LimitsUnavailable(#[source] Box<dyn Error + Send + Sync>),
    /// What keeps the certificates of signatures cannot be reached.
    #[error("the key manager is not available")]
    KeysUnavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The store cannot be reached.
    #[error("the store is not available")]
    StoreUnavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Something of ours is broken.
    #[error("something is wrong inside the registry")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl ServiceError {
    pub(super) fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Holds `count` of an image's `things` against the quota that `option` sets, if there is
    /// one.
    pub(super) fn check_quota(
        option: &str,
        things: &str,
        count: u64,
        quota: Option<u64>,
    ) -> Result<(), Self> {
        match quota.filter(|quota| count > *quota) {
            None => Ok(()),
            Some(quota) => Err(Self::OverQuota(format!(
                "The limit has been exceeded on the number of allowed image {things} \
                 ({option}). Attempted: {count}, Maximum: {quota}"
            ))),
        }
    }

    /// The code by which `os_glance_failure` and task messages tell this failure from others.
    const fn code(&self) -> &'static str {
        match self {
            Self::Publisher(error) => error.code(),
            Self::Plugin(error) => error.code(),
            Self::Mismatch(mismatch) | Self::Explained { mismatch, .. } => match mismatch {
                Mismatch::Digest { .. } => "CHECKSUM_VERIFICATION_FAILED",
                Mismatch::Signature { .. } => "SIGNATURE_VERIFICATION_FAILED",
                Mismatch::Size { .. } | Mismatch::Unmeasured(_) => "SIZE_MISMATCH",
            },
            Self::Signature { .. } => "SIGNATURE_VERIFICATION_FAILED",
            Self::Rejected(_) => "FORMAT_REJECTED",
            Self::TooLarge(_) => "DATA_TOO_LARGE",
            Self::OverQuota(_) => "OVER_QUOTA",
            Self::LimitsUnavailable(_) => "LIMITS_UNAVAILABLE",
            Self::KeysUnavailable(_) => "KEY_MANAGER_UNAVAILABLE",
            Self::NoRoom => "STORE_FULL",
            Self::StoreUnavailable(_) => "STORE_UNAVAILABLE",
            Self::Interrupted(_) => "DATA_INTERRUPTED",
            Self::Gone(_) => "IMAGE_DELETED",
            Self::Internal(_) => "INTERNAL_ERROR",
            _ => "REFUSED",
        }
    }

    /// The failure's code, a colon, and its text.
    #[must_use]
    pub fn with_code(&self) -> String {
        format!("{}: {self}", self.code())
    }
}

impl From<Denied> for ServiceError {
    fn from(denied: Denied) -> Self {
        match denied.reason {
            Reason::Rule | Reason::Scope => Self::Denied(denied.rule),
            Reason::Ownership => Self::Forbidden("You do not own this image".into()),
        }
    }
}

impl From<DbError> for ServiceError {
    fn from(error: DbError) -> Self {
        Self::internal(error)
    }
}

impl From<HashError> for ServiceError {
    fn from(error: HashError) -> Self {
        Self::internal(error)
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Interrupted(Interrupted::TooLarge(max)) => Self::TooLarge(max),
            StoreError::Interrupted(Interrupted::Refused(cause)) => match cause.downcast() {
                Ok(refusal) => *refusal,
                Err(cause) => Self::internal(cause),
            },
            StoreError::Interrupted(Interrupted::Source(cause)) => {
                Self::Interrupted(cause.to_string())
            }
            StoreError::Interrupted(interrupted) => Self::Interrupted(interrupted.to_string()),
            StoreError::Full(_) => Self::NoRoom,
            error @ (StoreError::InUse(_) | StoreError::ReadOnly) => {
                Self::Conflict(error.to_string())
            }
            error @ (StoreError::Unavailable(_) | StoreError::Altered { .. }) => {
                Self::StoreUnavailable(error.into())
            }
            error @ (StoreError::NotFound(_) | StoreError::Exists(_)) => Self::internal(error),
        }
    }
}
