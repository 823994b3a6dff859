//! Hallmark: an image registry for virtual machines that verifies every byte it serves.
//!
//! # Where things are
//!
//! ```text
//! cli        serve, worker, verify, …       app      wires everything; the only one that knows it all
//! config     gathers every module's Settings
//! api        routes, wire types, errors → statuses         worker   runs tasks, delivers, sweeps
//! service    use cases: images, data, members, imports, metadefs, notifications, maintenance
//! auth                                                       who the caller is, by what keystone says
//! cache  checksums  db  hash  inspect  notify                leaves; they do not see each other,
//! openpgp  policy  receipt  signature  store  fetch          but that checksums uses openpgp,
//!                                                            and store uses fetch
//! convert  unpack                                            what imports do with their data
//! keystone  barbican            over  cloud                  services that are asked with a token
//! jobs                                                       verification of files, by documents
//! stream     bytes on the move              domain   values and rules: no I/O, no async
//! ```
//!
//! A module uses only what is below it; `tests/architecture.rs` holds that. A request flows one
//! way: `api` → `service` → `policy`, then `db`, `store` and `hash`.
//!
//! # How an image becomes usable
//!
//! Bytes from a client, from the staging area or from the web take one path:
//!
//! ```text
//! source → limit → quota → inspection → digests → stores (aside)   ⇒   Verified → published → active
//! ```
//!
//! Only a [`domain::Verified`] makes an image active, and only bytes that were read to their end
//! through their digests make one. The bytes are durable before the row says so, and the row says
//! everything at once: size, digests, location, status.
//!
//! Whoever moves bytes for an image holds it by a lease: a claim for an upload, the task for an
//! import. When a process dies, its leases lapse, and any other process ends what it left: an
//! upload goes back to `queued`, an import is taken over. An import of what is staged where only
//! some nodes have it is theirs to take over, until they are gone for long.
//!
//! # Where to begin to read
//!
//! [`domain::ImageStatus`], then `api/v2/images/show.rs`, `service/images`, `db/images.rs`; for the
//! bytes, `service/data/pipeline.rs`.

pub mod api;
pub mod app;
pub mod auth;
pub mod barbican;
pub mod cache;
pub mod checksums;
pub mod cli;
pub mod cloud;
pub mod config;
pub mod convert;
pub mod db;
pub mod domain;
pub mod fetch;
pub mod hash;
pub mod inspect;
pub mod jobs;
pub mod keystone;
pub mod notify;
pub mod openpgp;
pub mod policy;
pub mod receipt;
pub mod service;
pub mod signature;
pub mod store;
pub mod stream;
pub mod telemetry;
pub mod unpack;
pub mod worker;
