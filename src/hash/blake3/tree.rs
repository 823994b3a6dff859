//! BLAKE3 of a file by all processors: they read and hash subtrees of it side by side.
//!
//! Each processor hashes what it has just read, out of its own cache. One thread that read for all
//! the others would be the limit, and a mapped file costs a page fault for each page.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt as _,
};

use blake3::hazmat::{
    ChainingValue, HasherExt as _, Mode, left_subtree_len, merge_subtrees_non_root,
    merge_subtrees_root,
};
use rustix::fs::{Advice, fadvise};

use crate::hash::implementation::Seen;

/// A subtree up to this many bytes is the work of one thread.
const PART: u64 = 1024 * 1024;

/// The system is told of this many bytes before they are read: several threads that read one file
/// in turn look like no pattern to it.
const AHEAD: u64 = 8 * 1024 * 1024;

/// Size of a read, in bytes: few calls, and what was read is hashed out of a processor's own cache.
const READ_SIZE: usize = 512 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_SIZE]);
}

/// The digest of the first `len` bytes of `file`.
///
/// # Errors
///
/// If they cannot be read, or are not there.
pub(super) fn digest(file: &File, len: u64, seen: Seen<'_>) -> io::Result<Box<[u8]>> {
    let file = Reading { file, seen };
    let digest = if len <= PART {
        file.hashed(0, len)?.finalize()
    } else {
        let (left, right) = file.halves(0, len)?;
        merge_subtrees_root(&left, &right, Mode::Hash)
    };
    Ok(digest.as_bytes().as_slice().into())
}

#[derive(Clone, Copy)]
struct Reading<'a> {
    file: &'a File,
    seen: Seen<'a>,
}

impl Reading<'_> {
    /// The two subtrees of the `len` bytes at `offset`.
    fn halves(self, offset: u64, len: u64) -> io::Result<(ChainingValue, ChainingValue)> {
        let left = left_subtree_len(len);
        let (left, right) = rayon_core::join(
            || self.subtree(offset, left),
            || self.subtree(offset + left, len - left),
        );
        Ok((left?, right?))
    }

    fn subtree(self, offset: u64, len: u64) -> io::Result<ChainingValue> {
        if (AHEAD / 2 + 1..=AHEAD).contains(&len) {
            // Advice that is not taken costs nothing but time.
            let _ = fadvise(self.file, offset, len.try_into().ok(), Advice::WillNeed);
        }
        if len <= PART {
            return Ok(self.hashed(offset, len)?.finalize_non_root());
        }
        let (left, right) = self.halves(offset, len)?;
        Ok(merge_subtrees_non_root(&left, &right, Mode::Hash))
    }

    fn hashed(self, offset: u64, len: u64) -> io::Result<blake3::Hasher> {
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(offset);
        BUFFER.with_borrow_mut(|buffer| self.feed(&mut hasher, buffer, offset..offset + len))?;
        (self.seen)(len);
        Ok(hasher)
    }

    fn feed(
        self,
        hasher: &mut blake3::Hasher,
        buffer: &mut [u8],
        mut part: std::ops::Range<u64>,
    ) -> io::Result<()> {
        while !part.is_empty() {
            let most = usize::try_from(part.end - part.start).unwrap_or(READ_SIZE);
            let room = most.min(READ_SIZE);
            match self.file.read_at(&mut buffer[..room], part.start) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(len) => {
                    hasher.update(&buffer[..len]);
                    part.start += len as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write as _,
        sync::atomic::{AtomicU64, Ordering},
    };

    use super::*;

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(content).expect("room");
        file
    }

    #[test]
    fn a_divided_file_has_the_digest_of_the_whole() {
        let part = usize::try_from(PART).expect("small");
        let content: Vec<u8> = (0..=250).cycle().take(9 * part + 7).collect();
        let lens = [1, 1024, part - 1, part, part + 1, 2 * part, 5 * part - 1];
        for len in lens.into_iter().chain([8 * part + 1, content.len()]) {
            let bytes = AtomicU64::new(0);
            let seen = |len| {
                bytes.fetch_add(len, Ordering::Relaxed);
            };
            let content = &content[..len];
            let digest = digest(&file(content), len as u64, &seen).expect("readable");
            assert_eq!(*digest, *blake3::hash(content).as_bytes(), "{len}");
            assert_eq!(bytes.into_inner(), len as u64);
        }
    }

    #[test]
    fn a_file_that_is_shorter_than_it_was_has_no_digest() {
        let file = file(&[7; 3000]);
        for len in [3001, 3 * PART] {
            let error = digest(&file, len, &|_| ()).expect_err("too short");
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        }
    }
}
