//! The documents that wait, and which comes next.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::{Duration, SystemTime},
};

use super::{
    claim,
    folders::{Folders, open_in_place},
};
use crate::{
    domain::Timestamp,
    jobs::{
        document::Job,
        engine::{Engine, Place},
    },
};

/// How long a file must have been left alone that may be the beginning of a document.
const QUIET: Duration = Duration::from_secs(3);

/// The documents that wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    known: HashMap<OsString, Known>,
}

#[derive(Debug)]
struct Known {
    stamp: Stamp,
    what: What,
}

/// What changes when a file is written to or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

/// What a file was found to be.
#[derive(Debug)]
enum What {
    /// A job.
    Job(Box<Waiting>),
    /// No job.
    Refused,
    /// Maybe the beginning of a document.
    Torn,
}

/// What the order of jobs, and whether one may begin, depend on.
#[derive(Debug, Clone)]
struct Waiting {
    priority: u8,
    created_at: Timestamp,
    deadline: Option<Timestamp>,
    place: Place,
}

impl Queue {
    /// Looks into the folder. Files that are being `written` are left alone.
    pub(super) fn look(
        &mut self,
        folders: &Folders,
        engine: &Engine,
        written: &HashSet<OsString>,
    ) -> io::Result<()> {
        let mut known = HashMap::new();
        for entry in fs::read_dir(&folders.jobs)? {
            let entry = entry?;
            let name = entry.file_name();
            if !is_document(&name) || written.contains(&name) {
                continue;
            }
            let Ok(stamp) = Stamp::of(&entry.path()) else {
                continue;
            };
            let before = self.known.remove(&name);
            let before = before.filter(|before| before.stamp == stamp && before.what.is_settled());
            let now = match before {
                Some(before) => before,
                None => match what(&entry.path(), engine) {
                    Ok(Some(what)) => Known { stamp, what },
                    Ok(None) => continue,
                    Err(error) => {
                        tracing::warn!(
                            file = ?entry.path(),
                            error = &error as &dyn std::error::Error,
                            "a document cannot be read"
                        );
                        continue;
                    }
                },
            };
            known.insert(name, now);
        }
        self.known = known;
        Ok(())
    }

    /// The files that may be taken now, the most urgent first: what is no job, and jobs by their
    /// priority, their time and their name.
    pub(super) fn ready(&self, now: Timestamp) -> Vec<OsString> {
        let mut ready: Vec<_> = self
            .known
            .iter()
            .filter(|(_, known)| known.may_begin(now))
            .map(|(name, known)| (known.what.urgency(), name))
            .collect();
        ready.sort();
        ready.into_iter().map(|(_, name)| name.clone()).collect()
    }

    /// How many jobs wait for a worker like this one.
    pub(super) fn depth(&self) -> usize {
        let jobs = self.known.values();
        jobs.filter(|known| matches!(&known.what, What::Job(job) if job.place == Place::Here))
            .count()
    }

    /// Whether a file is there that may become a document.
    pub(super) fn is_growing(&self) -> bool {
        self.known
            .values()
            .any(|known| matches!(known.what, What::Torn))
    }

    /// Forgets a file, which is taken.
    pub(super) fn forget(&mut self, name: &OsStr) {
        self.known.remove(name);
    }
}

impl Known {
    fn may_begin(&self, now: Timestamp) -> bool {
        match &self.what {
            What::Refused => true,
            What::Torn => self.stamp.is_quiet(),
            What::Job(job) => {
                // A job whose time is over is ended by whoever sees it.
                let is_late = job.deadline.is_some_and(|deadline| deadline <= now);
                job.place == Place::Here || is_late
            }
        }
    }
}

impl What {
    /// Whether it stays so as long as the file does not change.
    const fn is_settled(&self) -> bool {
        !matches!(self, Self::Torn)
    }

    fn urgency(&self) -> (Reverse<u8>, Option<Timestamp>) {
        match self {
            Self::Job(job) => (Reverse(job.priority), Some(job.created_at)),
            Self::Refused | Self::Torn => (Reverse(u8::MAX), None),
        }
    }
}

impl Stamp {
    fn of(path: &Path) -> io::Result<Self> {
        let known = fs::symlink_metadata(path)?;
        Ok(Self {
            inode: known.ino(),
            size: known.size(),
            modified: (known.mtime(), known.mtime_nsec()),
        })
    }

    /// Whether the file was left alone for a while.
    fn is_quiet(&self) -> bool {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seconds = u64::try_from(self.modified.0).unwrap_or(0);
        let nanos = u32::try_from(self.modified.1).unwrap_or(0);
        // A file from the future has been left alone as far as anybody can tell.
        let age = now
            .unwrap_or_default()
            .checked_sub(Duration::new(seconds, nanos));
        age.is_none_or(|age| age >= QUIET)
    }
}

/// Hidden files are in the making.
fn is_document(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.ends_with(b".json") && !name.starts_with(b".")
}

/// What the file is; nothing if it is gone.
fn what(path: &Path, engine: &Engine) -> io::Result<Option<What>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(Some(What::Refused));
    }
    let file = match open_in_place(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    Ok(Some(match claim::read(&file, engine.hashers())? {
        Ok(job) => What::Job(Box::new(Waiting::of(&job, engine))),
        Err(refused) if refused.may_grow => What::Torn,
        Err(_) => What::Refused,
    }))
}

impl Waiting {
    fn of(job: &Job, engine: &Engine) -> Self {
        Self {
            priority: job.execution.priority,
            created_at: job.created_at,
            deadline: job.execution.deadline,
            place: engine.worker().place(job),
        }
    }
}
