//! The rules of the database, each proved on both engines.

mod claims;
mod engines;
mod images;
mod jobs;
mod life;
mod listing;
mod members;
mod metadefs;
mod notifications;
mod paging;
mod purge;
mod quotas;
mod samples;
mod schema;
mod staging;
mod tasks;
mod visibility;
