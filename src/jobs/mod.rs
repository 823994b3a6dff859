//! Verification jobs: documents that name disk images, which are read once, held against their
//! digests and looked into.
//!
//! A [`Job`] is a document of the protocol that the guestkit worker speaks; an [`Engine`] runs it
//! and makes the document of its result; a [`Spool`] takes documents from a folder and leaves
//! results in another. Nothing here knows of the registry: images are files beneath folders that
//! the operator names.

mod document;
mod engine;
mod failure;
mod meters;
mod operation;
mod progress;
mod spool;

pub use self::{
    document::{
        Constraints, Execution, ImageRef, Invalid, InvalidJobId, Job, JobId, MOST_BYTES, OnDanger,
        Refused, Routing, Version, Work,
    },
    engine::{Ended, Engine, Ledger, Outcome, Parts, Place, Roots, Run, Status, Worker},
    failure::{Code, Failure},
    operation::{Operation, Subject},
    progress::{Event, Listener, Log},
    spool::{Place as SpoolPlace, Spool, SpoolError, Until},
};
