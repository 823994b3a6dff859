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
const LARGE_END: usize = 48;
const LARGE_END_MAGIC: &[u8] = b"PK\x06\x06";

/// Gives what is in the one member of the archive.
pub(super) fn unzip(mut file: File, out: &Out) -> io::Result<()> {
    let end = End::read(&mut file)?;
    end.check()?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(told)?;
    if archive.comment().len() != end.comment {
        return Err(follows());
    }
    if archive.len() != 1 {
        return Err(wrong(UnpackError::Members(archive.len() as u64)));
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

/// What the end of the directory says.
struct End {
    /// How many members there are.
    members: u64,
    /// How many bytes the directory has.
    directory: u64,
    /// How many bytes of comment stand behind it, and nothing else.
    comment: usize,
}

impl End {
    /// Reads the end of the archive, before anything of its directory is taken into memory.
    fn read(file: &mut File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let start = length.saturating_sub((LOCATOR + END + usize::from(u16::MAX)) as u64);
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.read_to_end(&mut tail)?;
        let comment = |at: usize| usize::from((&tail[at + 20..]).get_u16_le());
        let is_end = |at: &usize| {
            tail[*at..].starts_with(END_MAGIC) && at + END + comment(*at) <= tail.len()
        };
        let mut ends = (0..(tail.len() + 1).saturating_sub(END)).filter(is_end);
        let at = ends.next().ok_or_else(|| wrong(UnpackError::CutOff))?;
        if ends.next().is_some() {
            return Err(wrong(UnpackError::Damaged(
                "the archive has more than one end".into(),
            )));
        }
        if at + END + comment(at) != tail.len() {
            return Err(follows());
        }
        let mut end = Self {
            members: (&tail[at + 10..]).get_u16_le().into(),
            directory: (&tail[at + 12..]).get_u32_le().into(),
            comment: comment(at),
        };
        if let Some(locator) = at.checked_sub(LOCATOR).map(|from| &tail[from..])
            && locator.starts_with(LOCATOR_MAGIC)
        {
            let large: [u8; LARGE_END] = read_at(file, (&locator[8..]).get_u64_le())?;
            if !large.starts_with(LARGE_END_MAGIC) {
                return Err(follows());
            }
            end.members = larger(end.members, u16::MAX.into(), (&large[32..]).get_u64_le());
            end.directory = larger(end.directory, u32::MAX.into(), (&large[40..]).get_u64_le());
        }
        Ok(end)
    }

    /// Refuses another number of members than one, and a directory that is longer than that of one.
    fn check(&self) -> io::Result<()> {
        if self.members != 1 {
            return Err(wrong(UnpackError::Members(self.members)));
        }
        if self.directory > MOST_DIRECTORY {
            return Err(wrong(UnpackError::Damaged(
                "the directory of the archive is too long for one member".into(),
            )));
        }
        Ok(())
    }
}

/// The number that a large archive says, and a small one may say, too; `none` says that it does not.
fn larger(small: u64, none: u64, large: u64) -> u64 {
    if small == none {
        large
    } else {
        small.max(large)
    }
}

fn follows() -> io::Error {
    wrong(UnpackError::Damaged("something follows the archive".into()))
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
