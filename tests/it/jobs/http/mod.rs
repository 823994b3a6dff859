//! Verification jobs over HTTP.

mod documents;
mod images;
mod processes;
mod running;
mod seeing;
mod site;
mod sums;
