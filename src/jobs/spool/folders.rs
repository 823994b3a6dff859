//! The folders of a spool, and how documents move between them.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, OFlags, RenameFlags, renameat_with},
    io::Errno,
};
use uuid::Uuid;

use crate::domain::JobId;

/// How long a name may be that a document gets for want of a job id.
const MOST_NAME: usize = 128;

/// The folders of a spool.
///
/// ```text
/// JOBS/NAME.json              waits
/// JOBS/JOB.cancel             asks for the end of a job
/// JOBS/claimed/JOB.json       is being run, and locked by whoever runs it
/// JOBS/claimed/JOB.begun      how often it was begun
/// JOBS/done/JOB.json          came to a good end
/// JOBS/failed/JOB.json        did not, for what JOB.reason.txt says
/// RESULTS/JOB-result.json     the result
/// RESULTS/.keys/DIGEST        the job that an idempotency key belongs to
/// ```
#[derive(Debug, Clone)]
pub(super) struct Folders {
    pub(super) jobs: PathBuf,
    pub(super) claimed: PathBuf,
    done: PathBuf,
    failed: PathBuf,
    pub(super) results: PathBuf,
    pub(super) keys: PathBuf,
}

impl Folders {
    /// The folders, made if they are missing.
    pub(super) fn open(jobs: &Path, results: &Path, claimed: Option<&Path>) -> io::Result<Self> {
        let folders = Self {
            claimed: claimed.map_or_else(|| jobs.join("claimed"), Path::to_owned),
            done: jobs.join("done"),
            failed: jobs.join("failed"),
            keys: results.join(".keys"),
            jobs: jobs.to_owned(),
            results: results.to_owned(),
        };
        for folder in [
            &folders.jobs,
            &folders.claimed,
            &folders.done,
            &folders.failed,
            &folders.results,
            &folders.keys,
        ] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o750)
                .create(folder)?;
        }
        Ok(folders)
    }

    /// Where a claimed job lies.
    pub(super) fn claim_of(&self, id: &JobId) -> PathBuf {
        self.claimed.join(format!("{id}.json"))
    }

    /// Where it stands how often a job was begun.
    pub(super) fn begun_of(&self, id: &JobId) -> PathBuf {
        self.claimed.join(format!("{id}.begun"))
    }

    /// What asks for the end of a job.
    pub(super) fn cancel_of(&self, id: &JobId) -> PathBuf {
        self.jobs.join(format!("{id}.cancel"))
    }

    /// Puts the document at `from` with those that came to a good end.
    pub(super) fn finish(&self, from: &Path, name: &str) -> io::Result<()> {
        park(from, &self.done, name).map(drop)
    }

    /// Puts the document at `from` with those that did not, and its reason beside it.
    pub(super) fn fail(&self, from: &Path, name: &str, reason: &str) -> io::Result<()> {
        let name = park(from, &self.failed, name)?;
        let path = self.failed.join(format!("{name}.reason.txt"));
        write_durably(&path, format!("{reason}\n").as_bytes())
    }
}

/// The name of a document's file without its end, as part of any file name.
pub(super) fn safe_name(file: &OsStr) -> String {
    let name = file.as_encoded_bytes();
    let name = name.strip_suffix(b".json").unwrap_or(name);
    let safe = |byte: &u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"._-".contains(byte) => char::from(*byte),
        _ => '_',
    };
    let safe: String = name.iter().take(MOST_NAME).map(safe).collect();
    match safe.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None if safe.is_empty() => "_".to_owned(),
        None => safe,
    }
}

/// Moves a document into `folder`, under a name that nobody has there; gives that name.
fn park(from: &Path, folder: &Path, name: &str) -> io::Result<String> {
    for count in 1_u32.. {
        let name = match count {
            1 => name.to_owned(),
            _ => format!("{name}.{count}"),
        };
        let to = folder.join(format!("{name}.json"));
        match rename_without_replacing(from, &to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
            renamed => {
                renamed?;
                sync(folder)?;
                return Ok(name);
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Renames atomically, or fails with `AlreadyExists`.
pub(super) fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        renamed => Ok(renamed?),
    }
}

/// Writes a file that is there whole or not at all, whatever happens meanwhile.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let aside = folder.join(format!(".{}.tmp", Uuid::new_v4().simple()));
    let written = write_aside(&aside, bytes).and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        // The first error tells more than that of clearing up.
        let _ = fs::remove_file(&aside);
    }
    written?;
    sync(folder)
}

fn write_aside(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Opens a file of the spool: never one behind a link, and without waiting for anybody.
pub(super) fn open_in_place(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new()
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or(0))
        .open(path)
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn a_name_of_a_file_becomes_a_safe_one() {
        for (name, safe) in [
            (&b"job-1.json"[..], "job-1"),
            (b"a b\n\xff.json", "a_b__"),
            (b".json", "_"),
            (b"..json.json", "_.json"),
            (b"....json", "_.."),
        ] {
            assert_eq!(safe_name(OsStr::from_bytes(name)), safe);
        }
        assert_eq!(safe_name(OsStr::from_bytes(&[b'a'; 255])).len(), MOST_NAME);
    }

    #[test]
    fn what_was_put_away_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = Folders::open(folder.path(), &folder.path().join("results"), None);
        let folders = folders.expect("folders");
        let from = folder.path().join("new.json");
        for content in ["first", "second", "third"] {
            fs::write(&from, content).expect("a file");
            folders.finish(&from, "job").expect("room");
        }
        for (name, content) in [
            ("job.json", "first"),
            ("job.2.json", "second"),
            ("job.3.json", "third"),
        ] {
            let text = fs::read_to_string(folder.path().join("done").join(name));
            assert_eq!(text.expect(name), content);
        }
    }
}
