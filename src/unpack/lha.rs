//! The one member of an lha archive.
//!
//! Such an archive has no directory: members stand one after the other, and a zero is behind the
//! last. What else follows is refused.

use std::{
    fs::File,
    io::{self, BufReader, Seek as _},
};

use delharc::LhaDecodeReader;

use super::{
    UnpackError,
    member::{damaged, pass, wrong},
    thread::Out,
};

/// Gives what is in the one member of the archive.
pub(super) fn unlha(file: File, out: &Out) -> io::Result<()> {
    let length = file.metadata()?.len();
    let opened = LhaDecodeReader::new(BufReader::new(file));
    let mut archive = opened.map_err(|error| damaged(&error.into()))?;
    if archive.header().is_directory() {
        return Err(wrong(UnpackError::Member(
            "the archive's member is a folder",
        )));
    }
    if !archive.is_decoder_supported() {
        return Err(wrong(UnpackError::Member(
            "the archive's member is packed by a method that is not known",
        )));
    }
    if !pass(&mut archive, out)? {
        return Ok(());
    }
    archive
        .crc_check()
        .map_err(|error| damaged(&error.into()))?;
    let is_followed = archive.next_file();
    if is_followed.map_err(|error| damaged(&error.into()))? {
        return Err(wrong(UnpackError::Members(2)));
    }
    let mut rest = archive.into_inner();
    if rest.stream_position()? != length {
        return Err(wrong(UnpackError::Damaged(
            "something follows the archive".into(),
        )));
    }
    Ok(())
}
