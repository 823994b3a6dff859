//! The one member of an archive, on its way out.

use std::io::{self, Read};

use bytes::BytesMut;

use super::{UnpackError, thread::Out};

/// How many bytes one step gives at most.
const STEP: usize = 256 * 1024;

/// Hands on all that `member` gives; `false` if nobody reads any more.
pub(super) fn pass(member: &mut impl Read, out: &Out) -> io::Result<bool> {
    loop {
        let mut step = BytesMut::zeroed(STEP);
        let read = fill(member, &mut step).map_err(|error| damaged(&error))?;
        step.truncate(read);
        if read == 0 {
            return Ok(true);
        }
        if !out.give(step.freeze()) {
            return Ok(false);
        }
    }
}

/// Reads until `step` is full or nothing is left.
fn fill(member: &mut impl Read, step: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < step.len() {
        match member.read(&mut step[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

pub(super) fn wrong(error: UnpackError) -> io::Error {
    io::Error::other(error)
}

/// An error while a member is read. The file itself is one of ours, which can be read.
pub(super) fn damaged(error: &io::Error) -> io::Error {
    wrong(match error.kind() {
        io::ErrorKind::UnexpectedEof => UnpackError::CutOff,
        _ => UnpackError::Damaged(error.to_string()),
    })
}
