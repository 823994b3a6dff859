//! Digests of whole files, on as many threads as there are to spare.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, ErrorKind, Read},
};

use super::{HashError, Hashers, fanout::Job, implementation::Seen};
use crate::domain::{Algorithm, Digest, Digests};

/// Smaller files, in bytes, are done with before other threads have begun.
const LARGE: u64 = 1024 * 1024;

/// Size of a read, in bytes, when the same thread hashes: it stays in the processor's own cache.
const READ_SIZE: usize = 128 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_SIZE]);
}

/// How many threads work on one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// The caller's alone: other files keep the other processors busy.
    OneThread,
    /// As many as help.
    ManyThreads,
}

impl Hashers {
    /// Reads `file`, which stands at its start, to its end, and gives the number of bytes with
    /// their digests in the order they were asked for.
    ///
    /// `seen` is told of the bytes while they are read. A file that is written meanwhile gives
    /// digests of something that it never was, or that it no longer is: whoever cares compares
    /// what the system says of it before and after.
    ///
    /// # Errors
    ///
    /// [`HashError::Unknown`] if one of `algorithms` is not implemented;
    /// [`HashError::Unreadable`] if `file` fails; [`HashError::NoThread`] or [`HashError::Died`]
    /// if there is no thread to hash on.
    ///
    /// # Panics
    ///
    /// When called by an async task, because it blocks.
    pub fn read_file(
        &self,
        file: &File,
        algorithms: &[Algorithm],
        effort: Effort,
        seen: &(dyn Fn(u64) + Sync),
    ) -> Result<(u64, Digests), HashError> {
        let metadata = file.metadata().map_err(HashError::Unreadable)?;
        let is_small = metadata.is_file() && metadata.len() < LARGE;
        let watched = Watched { file, seen };
        if effort == Effort::OneThread || is_small {
            return self.read_here(watched, algorithms);
        }
        if let [algorithm] = algorithms
            && metadata.is_file()
            && let Some(digest) = self.divided(file, algorithm, metadata.len(), seen)?
        {
            return Ok((metadata.len(), Digests::from_iter([digest])));
        }
        self.start(algorithms)?.read(watched)
    }

    /// The digest of the first `len` bytes by all processors, if `algorithm` can be divided.
    fn divided(
        &self,
        file: &File,
        algorithm: &Algorithm,
        len: u64,
        seen: Seen<'_>,
    ) -> Result<Option<Digest>, HashError> {
        let divided = self.find(algorithm).and_then(|known| known.divided);
        divided
            .map(|digest| digest(file, len, seen))
            .transpose()
            .map(|value| value.map(|value| Digest::new(algorithm.clone(), &value)))
            .map_err(HashError::Unreadable)
    }

    /// Reads and hashes on this thread.
    fn read_here(
        &self,
        mut data: impl Read,
        algorithms: &[Algorithm],
    ) -> Result<(u64, Digests), HashError> {
        let mut jobs = self.jobs(algorithms)?;
        let mut bytes = 0;
        BUFFER.with_borrow_mut(|buffer| {
            loop {
                match data.read(buffer) {
                    Ok(0) => return Ok(()),
                    Ok(len) => {
                        for job in &mut jobs {
                            job.update(&buffer[..len]);
                        }
                        bytes += len as u64;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(HashError::Unreadable(error)),
                }
            }
        })?;
        Ok((bytes, jobs.into_iter().map(Job::finish).collect()))
    }
}

/// A file whose reader is watched.
struct Watched<'a> {
    file: &'a File,
    seen: Seen<'a>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.file.read(buffer)?;
        (self.seen)(len as u64);
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Seek as _, Write as _},
        sync::atomic::{AtomicU64, Ordering},
    };

    use super::*;

    fn algorithms(names: &[&str]) -> Vec<Algorithm> {
        names
            .iter()
            .map(|name| name.parse().expect("a name"))
            .collect()
    }

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(content).expect("room");
        file.rewind().expect("a file");
        file
    }

    #[test]
    fn a_file_has_the_same_digests_whoever_computes_them() {
        let hashers = Hashers::builtin();
        let content: Vec<u8> = (0..=250).cycle().take(3_000_000).collect();
        for content in [&content[..], &content[..70_000], b"x", b""] {
            for names in [&["blake3"][..], &["sha256"], &["sha1", "blake3", "md5"]] {
                let expected = hashers
                    .start(&algorithms(names))
                    .and_then(|running| running.read(content))
                    .expect("digests");
                for effort in [Effort::OneThread, Effort::ManyThreads] {
                    let bytes = AtomicU64::new(0);
                    let seen = |len| {
                        bytes.fetch_add(len, Ordering::Relaxed);
                    };
                    let computed = hashers
                        .read_file(&file(content), &algorithms(names), effort, &seen)
                        .expect("digests");
                    assert_eq!(computed, expected, "{names:?}, {effort:?}");
                    assert_eq!(bytes.into_inner(), content.len() as u64);
                }
            }
        }
    }

    #[test]
    fn a_folder_has_no_digests() {
        let folder = File::open("/").expect("a folder");
        let outcome = Hashers::builtin().read_file(
            &folder,
            &algorithms(&["md5"]),
            Effort::ManyThreads,
            &|_| (),
        );
        assert!(matches!(outcome, Err(HashError::Unreadable(_))));
    }
}
