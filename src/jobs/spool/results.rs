//! Results on disk, which are the memory of what was run.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _},
    path::PathBuf,
};

use rustix::io::Errno;
use serde_json::Value;

use super::folders::{Folders, open_in_place, write_durably};
use crate::{
    domain::JobId,
    hash::Hashers,
    jobs::{
        document::MOST_BYTES,
        kept::{Kept, key_name},
        meters,
    },
};

/// How large a result may be that is read again. A result may hold a document and what was found
/// of the images it names.
const MOST_RESULT: u64 = 16 * MOST_BYTES as u64;

impl Folders {
    /// Where the result of a job is.
    fn result_of(&self, id: &str) -> PathBuf {
        self.results.join(format!("{id}-result.json"))
    }

    /// The result of a job that was run.
    pub(super) fn find_result(&self, id: &str) -> io::Result<Option<Kept>> {
        let file = match open_in_place(&self.result_of(id)) {
            Err(error) if is_none(&error) => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(MOST_RESULT).read_to_end(&mut bytes)?;
        // What is no result stands for none, and is replaced.
        let kept = serde_json::from_slice(&bytes).ok().map(Kept);
        Ok(kept.filter(|kept| !kept.is_refusal()))
    }

    /// Whether there is a result of a job, as far as can be told.
    pub(super) fn has_result(&self, id: &JobId) -> bool {
        self.find_result(id.as_str())
            .is_ok_and(|kept| kept.is_some())
    }

    /// Keeps the result of a job, and whose it is under its idempotency key.
    pub(super) fn keep_result(&self, id: &JobId, result: &Value) -> io::Result<()> {
        let text = format!("{result:#}\n");
        write_durably(&self.result_of(id.as_str()), text.as_bytes())?;
        meters::count_written(text.len() as u64);
        Ok(())
    }
}

/// Whether there is no file: a link is none, and is replaced.
fn is_none(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
        || error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// The file of an idempotency key. While it is held, no other job with the key runs.
#[derive(Debug)]
pub(super) struct Key {
    /// Locked until it is dropped.
    _file: File,
    path: PathBuf,
    job: Option<String>,
}

impl Key {
    /// Holds the key; nothing if a job with it is running.
    pub(super) fn hold(
        folders: &Folders,
        key: &str,
        hashers: &Hashers,
    ) -> io::Result<Option<Self>> {
        let path = folders
            .keys
            .join(key_name(key, hashers).map_err(io::Error::other)?);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => (),
        }
        let mut text = String::new();
        file.by_ref().take(256).read_to_string(&mut text)?;
        let job = text.trim().parse::<JobId>().ok();
        Ok(Some(Self {
            _file: file,
            path,
            job: job.map(|id| id.to_string()),
        }))
    }

    /// The result that every job with this key has.
    pub(super) fn find_result(&self, folders: &Folders) -> io::Result<Option<Kept>> {
        let Some(job) = &self.job else {
            return Ok(None);
        };
        let kept = folders.find_result(job)?;
        Ok(kept.filter(Kept::is_final))
    }

    /// Gives the key to a job, which is about to be run.
    ///
    /// The file is written in its place, so that its lock stays; one that is torn belongs to nobody.
    pub(super) fn give_to(&self, id: &JobId) -> io::Result<()> {
        use std::io::Write as _;

        let mut file = OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(&self.path)?;
        file.write_all(id.as_str().as_bytes())?;
        file.sync_all()
    }
}
