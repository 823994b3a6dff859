//! Values and rules of an image registry: no I/O, no async, no serialisation.
//!
//! Start with [`ImageStatus`] (what may happen to an image), then [`Image`], then
//! [`Verified`] (the only way to `active`).

mod cached;
mod caller;
mod check;
mod clock;
mod copy;
mod credentials;
mod diagnosis;
mod digest;
mod expected;
mod id;
mod image;
mod job;
mod known;
mod listing;
mod location;
mod member;
pub mod metadef;
mod mismatch;
mod notification;
mod original;
mod patch;
mod property;
mod publication;
mod quota;
mod range;
mod receipt;
mod record;
mod remote;
mod signature;
mod status;
mod task;
mod task_list;
mod trusted;
mod verified;
mod visibility;

pub use self::{
    cached::{CachedBytes, CachedImage},
    caller::{Caller, Reach},
    check::{Check, CheckPurpose},
    clock::{Clock, SystemClock, Timestamp},
    copy::{CopyRecord, CopyState},
    credentials::{Credentials, ServiceEndpoint},
    diagnosis::{Compression, Diagnosis, Document},
    digest::{Algorithm, Digest, Digests, InvalidDigest},
    expected::{ExpectedDigests, InvalidExpectation},
    id::{Ids, ImageId, InvalidId, RandomIds, StoreId, TaskId},
    image::{Image, Location, NewImage},
    job::{
        ClaimedJob, InvalidJobId, InvalidMarker, JobEnd, JobId, JobMarker, JobQuery, JobRecord,
        JobStatus, NewJob,
    },
    known::{KnownAlgorithm, Strength},
    listing::{
        Comparison, Direction, ImageFilter, ImageQuery, MemberFilter, OneOf, SortField, SortKey,
        Viewer, VisibilityFilter,
    },
    location::{Claimed, LocationChange, NewLocation},
    member::{Member, MemberStatus},
    mismatch::Mismatch,
    notification::{Notification, Priority},
    original::Original,
    patch::{Attribute, ImageChange, PatchError, PatchOperation},
    property::{Properties, RESERVED_PREFIX, property_names},
    publication::{ChecksumSource, Publication, PublishedDigest, PublisherSignature},
    quota::{Limit, ProjectLimits, Resource},
    range::ByteRange,
    receipt::{ChainEnd, Failure, ReceiptOccasion, Verification},
    record::{DigestRecord, DigestSource},
    remote::RemoteImage,
    signature::{KeptCertificate, SecretId, SignatureCheck},
    status::{Illegal, ImageStatus},
    task::{
        AskedImage, ImportMethod, ImportRequest, LocationReading, StoresNeeded, Task, TaskKind,
        TaskStatus,
    },
    task_list::{TaskField, TaskFilter, TaskQuery},
    trusted::Trusted,
    verified::{Expectation, Measured, Verified},
    visibility::Visibility,
};

/// A text that is none of a closed set of words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not a {what}; allowed: {allowed}")]
pub struct UnknownWord {
    /// What the text should have been, in the API's words.
    pub what: &'static str,
    /// The text.
    pub word: String,
    /// The words that exist, separated by a comma and a blank.
    pub allowed: &'static str,
}
