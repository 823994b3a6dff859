//! Hallmark: an image registry for virtual machines that verifies every byte it serves.

pub mod auth;
pub mod domain;
pub mod fetch;
pub mod hash;
pub mod policy;
pub mod store;
pub mod stream;
pub mod telemetry;
