//! Verification jobs.

mod figures;
mod hostile;
mod spool;
mod support;
