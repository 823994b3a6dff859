//! Bytes on the move.

use std::{io, pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

mod fan_out;
mod file;
mod limit;
mod pace;

pub use self::{
    fan_out::fan_out,
    file::{READ_AT_ONCE, read_exactly, read_file},
    limit::{Progress, limit},
    pace::{Pace, paced},
};

/// Why bytes stopped coming. But for [`Interrupted::Refused`] it is the sender's fault, not ours.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    /// The sender broke off before the end.
    #[error("the data broke off before its end")]
    BrokenOff(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The sender sent nothing for too long.
    #[error("no data came for {} seconds", .0.as_secs())]
    Stalled(Duration),
    /// There is more than is allowed, in bytes.
    #[error("the data is larger than the limit of {0} bytes")]
    TooLarge(u64),
    /// Something of ours takes no more of them; the cause says why.
    #[error("the data is not taken in")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The place that the bytes are fetched from failed; the cause says how, in words for the
    /// image's owner.
    #[error("the source of the data failed")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Bytes that come to us, to be read once and to their end.
pub type Incoming = Pin<Box<dyn Stream<Item = Result<Bytes, Interrupted>> + Send>>;

/// Bytes that we give.
pub type Outgoing = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Bytes that we have somewhere, to be taken in elsewhere.
#[must_use]
pub fn take_in(data: Outgoing) -> Incoming {
    Box::pin(data.map(|frame| frame.map_err(|error| Interrupted::Source(error.into()))))
}
