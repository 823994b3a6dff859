//! Giving the bytes of a file out: large reads ahead of a client, which hold no thread while it
//! waits.

use std::{fs::File, io, ops::Range, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use rustix::{buffer::spare_capacity, io::pread};

use crate::stream::Outgoing;

/// How many bytes of a file one read takes.
pub const READ_AT_ONCE: u64 = 1024 * 1024;

/// How many reads are under way or wait for the client.
const AHEAD: usize = 2;

/// The bytes of `file` in `range`; an error if the file is shorter.
#[must_use]
pub fn read_file(file: Arc<File>, range: Range<u64>) -> Outgoing {
    let step = usize::try_from(READ_AT_ONCE).unwrap_or(usize::MAX);
    let end = range.end;
    let reads = range.step_by(step).map(move |start| {
        let file = Arc::clone(&file);
        let chunk = start..start.saturating_add(READ_AT_ONCE).min(end);
        tokio::task::spawn_blocking(move || read_exactly(&file, chunk))
    });
    Box::pin(
        stream::iter(reads)
            .buffered(AHEAD)
            .map(|read| read.unwrap_or_else(|panic| Err(io::Error::other(panic)))),
    )
}

/// The bytes of `file` in `range`, which is held in memory. It blocks.
///
/// # Errors
///
/// What the file system says; [`io::ErrorKind::UnexpectedEof`] if the file is shorter.
pub fn read_exactly(file: &File, range: Range<u64>) -> io::Result<Bytes> {
    let wanted = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut buffer = Vec::with_capacity(wanted);
    while buffer.len() < wanted {
        let at = range.start + buffer.len() as u64;
        let read = pread(file, spare_capacity(&mut buffer), at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(buffer.into())
}
