//! What happened: the events that other services may be told of.

use serde_json::Value;

use crate::{
    domain::{CopyState, Image, Member, Priority, StoreId, Task, Timestamp},
    notify::payload::{self, Sent},
};

/// What happened to an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageVerb {
    /// It was created.
    Create,
    /// Something about it was saved.
    Update,
    /// It was deleted.
    Delete,
    /// It was deleted, and its bytes stay for a while.
    DeleteLater,
    /// Its bytes are in a store.
    Upload,
    /// It became active.
    Activate,
}

/// What happened to a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberVerb {
    /// The image was shared.
    Create,
    /// The project said what it thinks of it.
    Update,
    /// The image is no longer shared.
    Delete,
}

/// What happened to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskVerb {
    /// It was accepted.
    Create,
    /// A worker began it.
    Processing,
    /// It succeeded.
    Success,
    /// It failed.
    Failure,
    /// It was run to its end, whichever.
    Run,
    /// Its record is gone.
    Delete,
}

/// Something that other services may be told of.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Something happened to an image; the image as it is now.
    Image(ImageVerb, &'a Image),
    /// Bytes are about to go to a store.
    Prepare(&'a Image, &'a StoreId),
    /// Bytes did not get into a store; why.
    UploadFailed(&'a str),
    /// A download ended.
    Sent(&'a Sent),
    /// A copy of an image was found not to be what it should be.
    Damaged {
        /// The image.
        image: &'a Image,
        /// The store whose copy it is.
        store: &'a StoreId,
        /// How it was found.
        state: CopyState,
        /// Why.
        reason: &'a str,
    },
    /// A copy that was not what it should be was made anew from another one.
    Healed {
        /// The image.
        image: &'a Image,
        /// The store whose copy it is.
        store: &'a StoreId,
        /// How it had been found.
        before: CopyState,
    },
    /// Something happened to a membership; the membership as it is now, or was at its end.
    Member(MemberVerb, &'a Member),
    /// Something happened to a task; the task as it is now, or was at its end.
    Task(TaskVerb, &'a Task),
}

impl Event<'_> {
    /// The type by which consumers know it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Image(ImageVerb::Create, _) => "image.create",
            Self::Image(ImageVerb::Update, _) => "image.update",
            Self::Image(ImageVerb::Delete | ImageVerb::DeleteLater, _) => "image.delete",
            Self::Image(ImageVerb::Upload, _) | Self::UploadFailed(_) => "image.upload",
            Self::Image(ImageVerb::Activate, _) => "image.activate",
            Self::Prepare(..) => "image.prepare",
            Self::Sent(_) => "image.send",
            Self::Damaged { .. } => "image.damaged",
            Self::Healed { .. } => "image.healed",
            Self::Member(MemberVerb::Create, _) => "image.member.create",
            Self::Member(MemberVerb::Update, _) => "image.member.update",
            Self::Member(MemberVerb::Delete, _) => "image.member.delete",
            Self::Task(TaskVerb::Create, _) => "task.create",
            Self::Task(TaskVerb::Processing, _) => "task.processing",
            Self::Task(TaskVerb::Success, _) => "task.success",
            Self::Task(TaskVerb::Failure, _) => "task.failure",
            Self::Task(TaskVerb::Run, _) => "task.run",
            Self::Task(TaskVerb::Delete, _) => "task.delete",
        }
    }

    /// How much it matters: an upload or a download that came to nothing is an error, and so is a
    /// copy that is not what it should be.
    #[must_use]
    pub const fn priority(&self) -> Priority {
        match self {
            Self::UploadFailed(_) | Self::Damaged { .. } => Priority::Error,
            Self::Sent(sent) if sent.bytes != sent.expected => Priority::Error,
            Self::Image(..)
            | Self::Prepare(..)
            | Self::Sent(_)
            | Self::Healed { .. }
            | Self::Member(..)
            | Self::Task(..) => Priority::Info,
        }
    }

    /// What it happened to, as consumers read it; `at` is when something was deleted.
    pub(super) fn payload(&self, at: Timestamp) -> Value {
        match self {
            Self::Image(ImageVerb::Delete, image) => payload::deleted_image(image, "deleted", at),
            Self::Image(ImageVerb::DeleteLater, image) => {
                payload::deleted_image(image, "pending_delete", at)
            }
            Self::Image(ImageVerb::Upload, image) => payload::stored(image),
            Self::Image(_, image) => payload::image(image).into(),
            Self::Prepare(image, store) => payload::prepared(image, store),
            // A text where the others have an object: this is what existing consumers know.
            Self::UploadFailed(message) => (*message).into(),
            Self::Sent(sent) => payload::sent(sent),
            Self::Damaged {
                image,
                store,
                state,
                reason,
            } => payload::damaged(image, store, *state, reason),
            Self::Healed {
                image,
                store,
                before,
            } => payload::healed(image, store, *before),
            Self::Member(MemberVerb::Delete, member) => {
                payload::deleted(payload::member(member), at)
            }
            Self::Member(_, member) => payload::member(member).into(),
            Self::Task(TaskVerb::Delete, task) => payload::deleted(payload::task(task), at),
            Self::Task(_, task) => payload::task(task).into(),
        }
    }
}
