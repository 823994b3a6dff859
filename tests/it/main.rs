//! The rules of the registry, against the real router, real databases, real files and real
//! clients. Run by `tests/run`, which starts the servers these tests need.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on says why, and fails"
)]
#![expect(
    unreachable_pub,
    reason = "what tests share is public to them, and nobody else is here"
)]

mod api;
mod at_rest;
mod cache;
mod cli;
mod clients;
mod cloud;
mod data;
mod delayed;
mod deleted;
mod diagnosis;
mod edge;
mod expected;
mod faults;
mod formats;
mod fuzz;
mod glance_download;
mod hashing;
mod imports;
mod jobs;
mod keystone;
mod lifecycle;
mod locations;
mod metadefs;
mod metrics;
mod nodes;
mod notifications;
mod plugins;
mod policy;
mod protections;
mod publishers;
mod purge;
mod quotas;
mod receipts;
mod rules;
mod signatures;
mod stores;
mod support;
mod tasks;
mod tokens;
