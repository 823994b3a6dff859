//! Verification jobs.

mod figures;
mod hostile;
mod http;
mod spool;
mod support;
