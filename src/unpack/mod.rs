//! What is inside bytes that were compressed or archived by whoever publishes them.
//!
//! Decoders work on a thread of their own, which a bounded queue of a few pieces slows down to the
//! speed of whoever reads: memory does not grow with what comes out. They read the forms whole: one
//! member after the other to the last byte, so that neither a part that is missing nor one that
//! nobody asked for passes. How much comes out is for the reader to bound.

mod decoder;
mod lha;
mod member;
mod packing;
mod thread;
mod zip;

use std::{fs::File, io};

pub use self::packing::Packing;
use crate::{domain::Compression, stream::Outgoing};

/// Why packed bytes do not give what is in them.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// They end before their content does.
    #[error("they break off before their end")]
    CutOff,
    /// They are not what they look like, or something follows them that is not.
    #[error("they are damaged, or something else follows them: {0}")]
    Damaged(String),
    /// The archive has not one member.
    #[error("the archive has {0} members; allowed: 1")]
    Members(u64),
    /// The member is no file that could be read.
    #[error("{0}")]
    Member(&'static str),
}

/// What is in `data`, all members one after the other, without leaving the task that asks: it is
/// for a look, and not for much of it.
#[must_use]
pub fn peeked(form: Compression, data: Outgoing) -> Outgoing {
    decoder::decompressed(form, data)
}

/// What is in the compressed `data`, all members one after the other.
///
/// What is wrong with them is an [`UnpackError`] within the stream's error; any other error is that
/// of `data`.
///
/// # Errors
///
/// If the system gives no thread.
pub fn decompress(form: Compression, data: Outgoing) -> io::Result<Outgoing> {
    thread::pull(decoder::judged(form, data))
}

/// What is in the one member of the zip archive `file`. Its name is not looked at.
///
/// What is wrong with it is an [`UnpackError`] within the stream's error.
///
/// # Errors
///
/// If the system gives no thread.
pub fn unzip(file: File) -> io::Result<Outgoing> {
    thread::push(move |out| zip::unzip(file, out))
}

/// What is in the one member of the lha archive `file`. Its name is not looked at.
///
/// What is wrong with it is an [`UnpackError`] within the stream's error.
///
/// # Errors
///
/// If the system gives no thread.
pub fn unlha(file: File) -> io::Result<Outgoing> {
    thread::push(move |out| lha::unlha(file, out))
}

#[cfg(test)]
mod tests;
