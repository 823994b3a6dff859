//! Digests of files that were computed before, kept in a file.
//!
//! A digest counts only for the very file it was computed of: the same path, device and inode, the
//! same size, and the same times of its last changes. Those tell one content from another only if
//! the file's clock has moved on since, so that nothing is kept of a file that has just been
//! changed.

mod identity;
mod text;

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf, absolute},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::fs::OFlags;

pub(super) use self::identity::Identity;
use crate::domain::Digest;

/// A larger cache, in bytes, is none of ours.
const MAX_SIZE: u64 = 256 * 1024 * 1024;

/// Files of which digests are kept; of more, those that were not read this time are forgotten.
const MAX_FILES: usize = 500_000;

/// After so many bytes that were read, what they gave is written: whoever stops long work finds most
/// of it done the next time.
const WORTH_WRITING: u64 = 4 * 1024 * 1024 * 1024;

/// The digests of a file as it was at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    identity: Identity,
    digests: Vec<Digest>,
}

/// What is known of files, by their absolute paths.
type Entries = HashMap<PathBuf, Entry>;

/// Why a cache is of no use.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum Unusable {
    /// It cannot be read.
    #[error("it cannot be read")]
    Unreadable(#[from] io::Error),
    /// It is not as it was written.
    #[error("it is damaged, or no cache of digests")]
    Damaged,
    /// Others could have written into it what they like.
    #[error("somebody else may write to it")]
    Open,
}

/// A file of digests, used by any number of processes at the same time.
#[derive(Debug)]
pub(in crate::cli) struct Cache {
    file: PathBuf,
    known: Entries,
    added: Mutex<Added>,
}

/// What was found out since the cache was opened.
#[derive(Debug, Default)]
struct Added {
    entries: Entries,
    /// How many bytes were read for it since it was last written.
    unwritten: u64,
}

impl Cache {
    /// The cache that `file` is, and why what is in it cannot be used, if it cannot. One that is
    /// not there yet is empty.
    pub(in crate::cli) fn open(file: PathBuf) -> (Self, Option<Unusable>) {
        let (known, problem) = match read(&file) {
            Ok(known) => (known, None),
            Err(problem) => (Entries::new(), Some(problem)),
        };
        let cache = Self {
            file,
            known,
            added: Mutex::default(),
        };
        (cache, problem)
    }

    /// The digests of the file at `path`, which the system says to be `identity`.
    pub(super) fn find(&self, path: &Path, identity: &Identity) -> Vec<Digest> {
        absolute(path)
            .ok()
            .and_then(|path| self.known.get(&path))
            .filter(|entry| entry.identity == *identity)
            .map_or_else(Vec::new, |entry| entry.digests.clone())
    }

    /// Remembers `digests` of the file at `path`.
    pub(super) fn add<'a>(
        &self,
        path: &Path,
        identity: Identity,
        digests: impl Iterator<Item = &'a Digest>,
    ) {
        let Ok(path) = absolute(path) else {
            return;
        };
        let entry = Entry {
            identity,
            digests: digests.cloned().collect(),
        };
        let mut added = self.added();
        added.unwritten = added.unwritten.saturating_add(entry.identity.size);
        merge(&mut added.entries, path, entry);
        if added.unwritten >= WORTH_WRITING {
            // What cannot be written now is told of at the end.
            let _ = self.write(&mut added);
        }
    }

    /// Writes what was remembered beside what other processes have written by now.
    ///
    /// The file is replaced as a whole, so that who reads it sees the old one or the new one.
    pub(super) fn save(&self) -> io::Result<()> {
        let mut added = self.added();
        if added.unwritten == 0 {
            return Ok(());
        }
        self.write(&mut added)
    }

    fn write(&self, added: &mut Added) -> io::Result<()> {
        let lock = writing(&self.beside(".lock"), OFlags::empty())?;
        lock.lock()?;
        let mut entries = read(&self.file).unwrap_or_default();
        if entries.len() + added.entries.len() > MAX_FILES {
            entries.clear();
        }
        for (path, entry) in added.entries.iter().take(MAX_FILES) {
            merge(&mut entries, path.clone(), entry.clone());
        }
        // Whoever holds the lock is alone with this name, and overwrites what a crash left of it.
        let aside = self.beside(".new");
        let mut file = writing(&aside, OFlags::TRUNC)?;
        file.write_all(&text::written(&entries))?;
        file.sync_all()?;
        fs::rename(aside, &self.file)?;
        added.unwritten = 0;
        Ok(())
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    fn added(&self) -> MutexGuard<'_, Added> {
        // A thread that panicked left whole entries.
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds what is known of the file at `path` now: to what was known of it, if it still is the same.
fn merge(entries: &mut Entries, path: PathBuf, entry: Entry) {
    let known = entries.entry(path).or_insert_with(|| Entry {
        identity: entry.identity.clone(),
        digests: Vec::new(),
    });
    if known.identity != entry.identity {
        *known = entry;
        return;
    }
    for digest in entry.digests {
        known
            .digests
            .retain(|it| it.algorithm() != digest.algorithm());
        known.digests.push(digest);
    }
}

/// Opens a file of ours to write; nobody else may read or write it, or lead elsewhere by it.
fn writing(path: &Path, flags: OFlags) -> io::Result<File> {
    let flags = (flags | OFlags::NOFOLLOW).bits().cast_signed();
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(flags)
        .open(path)
}

fn read(path: &Path) -> Result<Entries, Unusable> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entries::new()),
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > MAX_SIZE {
        return Err(Unusable::Damaged);
    }
    if metadata.mode() & 0o022 != 0 || !is_ours(metadata.uid()) {
        return Err(Unusable::Open);
    }
    let mut content = Vec::new();
    file.take(MAX_SIZE).read_to_end(&mut content)?;
    text::read(&content).ok_or(Unusable::Damaged)
}

/// Whether a file of the user `uid` is this process' or the administrator's.
fn is_ours(uid: u32) -> bool {
    // The files of a process belong to the user it acts for.
    uid == 0 || fs::metadata("/proc/self").is_ok_and(|process| process.uid() == uid)
}

#[cfg(test)]
mod tests;
