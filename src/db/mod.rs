//! The metadata: one set of statements for `PostgreSQL` and `SQLite`.
//!
//! [`Db`] is one type over the pools of either engine. [`Db::read`] lends a [`Session`],
//! [`Db::begin`] a [`Transaction`], which is a session whose changes happen all or not at all.
//! What a session can be asked is grouped by record, a file each: `images` and `life` (the
//! description of an image and its status), `listing`, `tags`, `properties`, `locations`,
//! `members`, `claims`, `quotas`, `tasks`, `digests`, `lacking`, `copies`, `checks` (copies to be
//! read again), `at_rest`, `jobs` (verification jobs), `metadefs`, `notifications` (the outbox),
//! `queue`, `purge` (rows of images deleted long ago), `survey` (how the copies stand), `cached`
//! (image caches of nodes), `staging` (staging areas of nodes), `trusted` (locations that are taken
//! at their word).
//!
//! # A statement stands once
//!
//! The engines agree on more SQL than they are known for: `$1` placeholders, `ON CONFLICT`,
//! `RETURNING`, partial indexes, `TEXT`, and 64-bit integers for sizes and for times in
//! microseconds. So a statement is written once, and the macros of `session` expand the code
//! around it for the connection of each engine. Other ways were left aside:
//!
//! - sqlx's `Any` driver knows too few types and does not translate placeholders;
//! - `query!` checks a statement against one engine only;
//! - code generic over `sqlx::Database` needs a page of bounds on every function;
//! - two implementations of a trait per record say everything twice. There is one
//!   implementation, so [`Session`] has plain methods.
//!
//! What truly differs (opening a pool, skipping locked rows, looking into the catalogue) has a
//! file per engine in `dialect`. Listings, whose conditions vary, are built by sea-query.
//!
//! # Changes
//!
//! A change of status is a compare-and-set and tells by a `bool` whether it happened. Inserts
//! that may meet an older row are `ON CONFLICT DO NOTHING` and become [`DbError::Taken`], so
//! they do not spoil the transaction they are in. Constraints and triggers of the schema stand
//! behind the rules that nothing may break; what they refuse is [`DbError::Refused`].
//!
//! Spans are at level `debug`, and so are the errors they note: an error is logged where it
//! leaves the program, once.

mod address;
mod at_rest;
mod cached;
mod checks;
mod claims;
mod copies;
mod dialect;
mod digests;
mod error;
mod images;
mod import_tokens;
mod jobs;
mod lacking;
mod life;
mod listing;
mod locations;
mod members;
mod metadefs;
mod notifications;
mod originals;
mod pool;
mod properties;
mod publications;
mod purge;
mod queue;
mod quotas;
mod receipts;
mod rows;
mod satellites;
mod schema;
mod session;
mod settings;
mod staging;
mod survey;
mod tags;
mod tasks;
#[cfg(test)]
mod tests;
mod trusted;

pub use self::{
    at_rest::QueuedChecks,
    cached::CacheNote,
    checks::Lease,
    claims::Claim,
    copies::Unsound,
    digests::Finding,
    error::DbError,
    jobs::JobLease,
    lacking::Lacking,
    life::Activation,
    metadefs::MetadefKind,
    notifications::Queued,
    pool::Db,
    queue::QueuedTasks,
    quotas::{Reservation, Usage},
    receipts::Unsigned,
    schema::SchemaVersion,
    session::{Session, Transaction},
    settings::Settings,
    staging::LostArea,
    survey::CopiesOfStore,
    tasks::TaskEnd,
    trusted::TrustedActivation,
};
