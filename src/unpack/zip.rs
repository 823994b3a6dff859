//! The one member of a zip archive.
//!
//! An archive is read by its directory, which stands at its end, and what readers disagree about is
//! refused: bytes before the member or behind the directory, and a directory that counts other
//! members than it has (two of one name look like one).

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek as _, SeekFrom},
};

use bytes::Buf as _;
use zip::{ZipArchive, result::ZipError};

use super::{
    UnpackError,
    member::{damaged, pass, wrong},
    thread::Out,
};

/// The most bytes of the directory of one member: its name, its extra fields and its comment have
/// 64 KiB each.
const MOST_DIRECTORY: u64 = 256 * 1024;

/// The end of the directory, and what it begins with.
const END: usize = 22;
const END_MAGIC: &[u8] = b"PK\x05\x06";

/// What points to the end of a large archive's directory, which stands before [`END`].
const LOCATOR: usize = 20;
const LOCATOR_MAGIC: &[u8] = b"PK\x06\x07";

/// The end of a large archive's directory, as far as it is read.
const LARGE_END: usize = 40;
const LARGE_END_MAGIC: &[u8] = b"PK\x06\x06";

/// Gives what is in the one member of the archive.
pub(super) fn unzip(mut file: File, out: &Out) -> io::Result<()> {
    check_directory(&mut file)?;
    let mut archive = ZipArchive::new(BufReader::new(file.try_clone()?)).map_err(told)?;
    let counted = counted(&mut file, archive.comment().len())?;
    if counted != 1 || archive.len() != 1 {
        return Err(wrong(UnpackError::Members(counted)));
    }
    if archive.offset() != 0 {
        return Err(wrong(UnpackError::Member(
            "something stands before the archive",
        )));
    }
    archive.validate_header_consistency().map_err(told)?;
    let mut member = archive.by_index(0).map_err(told)?;
    if member.header_start() != 0 {
        return Err(wrong(UnpackError::Member(
            "something stands before the archive's member",
        )));
    }
    if !member.is_file() {
        return Err(wrong(UnpackError::Member(
            "the archive's member is a folder or a link",
        )));
    }
    pass(&mut member, out)?;
    Ok(())
}

/// Refuses a directory that says it has another number of members than one, or is longer than that
/// of one, before anything of it is taken into memory.
fn check_directory(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub((END + usize::from(u16::MAX)) as u64);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.read_to_end(&mut tail)?;
    let is_end = |at: &usize| {
        tail[*at..].starts_with(END_MAGIC)
            && at + END + usize::from((&tail[at + 20..]).get_u16_le()) <= tail.len()
    };
    let mut ends = (0..(tail.len() + 1).saturating_sub(END)).filter(is_end);
    let Some(at) = ends.next() else {
        return Err(wrong(UnpackError::CutOff));
    };
    if ends.next().is_some() {
        return Err(wrong(UnpackError::Damaged(
            "the archive has more than one end".into(),
        )));
    }
    let (members, size) = (
        (&tail[at + 10..]).get_u16_le(),
        (&tail[at + 12..]).get_u32_le(),
    );
    let (mut members, mut size) = (u64::from(members), u64::from(size));
    if let Some(locator) = at.checked_sub(LOCATOR).map(|from| &tail[from..])
        && locator.starts_with(LOCATOR_MAGIC)
    {
        let large: [u8; LARGE_END + 8] = read_at(file, (&locator[8..]).get_u64_le())?;
        members = members.max((&large[32..]).get_u64_le());
        size = size.max((&large[40..]).get_u64_le());
        if members == u64::from(u16::MAX) {
            members = (&large[32..]).get_u64_le();
        }
        if size == u64::from(u32::MAX) {
            size = (&large[40..]).get_u64_le();
        }
    }
    if members != 1 {
        return Err(wrong(UnpackError::Members(members)));
    }
    if size > MOST_DIRECTORY {
        return Err(wrong(UnpackError::Damaged(
            "the directory of the archive is too long for one member".into(),
        )));
    }
    Ok(())
}

/// How many members the end of the directory counts, behind which stands only a comment of
/// `comment` bytes.
fn counted(file: &mut File, comment: usize) -> io::Result<u64> {
    let behind = || wrong(UnpackError::Damaged("something follows the archive".into()));
    let from_end = (END + comment) as u64;
    let length = file.metadata()?.len();
    let at = length.checked_sub(from_end).ok_or_else(behind)?;
    let end: [u8; END] = read_at(file, at)?;
    let says = usize::from((&end[20..]).get_u16_le());
    if !end.starts_with(END_MAGIC) || says != comment {
        return Err(behind());
    }
    let members = (&end[10..]).get_u16_le();
    if members != u16::MAX {
        return Ok(members.into());
    }
    let at = at.checked_sub(LOCATOR as u64).ok_or_else(behind)?;
    let locator: [u8; LOCATOR] = read_at(file, at)?;
    if !locator.starts_with(LOCATOR_MAGIC) {
        return Ok(members.into());
    }
    let large: [u8; LARGE_END] = read_at(file, (&locator[8..]).get_u64_le())?;
    if !large.starts_with(LARGE_END_MAGIC) {
        return Err(behind());
    }
    Ok((&large[32..]).get_u64_le())
}

fn read_at<const N: usize>(file: &mut File, at: u64) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)
        .map_err(|error| damaged(&error))?;
    Ok(bytes)
}

fn told(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => damaged(&error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            wrong(UnpackError::Member("the archive's member is encrypted"))
        }
        error => wrong(UnpackError::Damaged(error.to_string())),
    }
}
