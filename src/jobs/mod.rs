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
mod kept;
mod meters;
mod operation;
mod progress;
mod settings;
mod spool;

pub use self::{
    document::{
        Constraints, Execution, ImageRef, Invalid, Job, MOST_BYTES, MOST_DEPTH, MOST_GIGABYTES,
        MOST_IMAGES, OnDanger, Refused, Routing, Scope, Source, Sums, SumsPlace, Version, Work,
    },
    engine::{
        Ended, Engine, ImageCopy, Ledger, Library, Outcome, Parts, Place, Published, Roots, Run,
        Status, Worker,
    },
    failure::{Code, Failure},
    kept::{Kept, key_name},
    meters::tell_waiting,
    operation::{Operation, Subject},
    progress::{Event, Listener, Log},
    settings::Settings,
    spool::{Place as SpoolPlace, Spool, SpoolError, Until},
};
