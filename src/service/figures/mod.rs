//! Figures of verification and of queues, for who watches the registry.
//!
//! Counted where it happens, by the macros of the crate `metrics`; what the database knows is
//! read when the figures are read ([`Watch`]). No label has a value that a client chooses: the
//! number of series is bounded.

mod at_rest;
mod cache;
mod pass;
mod units;
mod watch;

pub(super) use self::{
    cache::{Answered, note_answered, note_given},
    pass::{note_healed, note_pass, note_received, note_sent, note_verdicts},
};
pub use self::{
    pass::{Occasion, Verdict, note_hashed, note_verdict},
    watch::Watch,
};
