//! Taking a job, so that nobody else runs it: a lock on its file, and a rename.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;

use super::{
    folders::{Folders, open_in_place, remove_if_there, rename_without_replacing, write_durably},
    results::Key,
};
use crate::{
    domain::JobId,
    hash::Hashers,
    jobs::{
        document::{Job, MOST_BYTES, Refused, Scope},
        engine::Ledger,
        failure::{Code, Failure},
    },
};

/// A document of the spool that nobody else works on while this lives.
#[derive(Debug)]
pub(super) struct Locked {
    file: File,
    path: PathBuf,
}

impl Locked {
    /// Locks the document at `path`; nothing if another has it, or it is gone.
    ///
    /// The lock belongs to the file and not to its name, stays when the file is moved, and ends
    /// with the process.
    pub(super) fn take(path: &Path) -> io::Result<Option<Self>> {
        let file = match open_in_place(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => (),
        }
        let path = path.to_owned();
        let locked = Self { file, path };
        Ok(locked.is_in_place()?.then_some(locked))
    }

    /// Whether the document is still what its path names.
    fn is_in_place(&self) -> io::Result<bool> {
        let (ours, there) = (self.file.metadata()?, fs::symlink_metadata(&self.path));
        Ok(there.is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino())))
    }

    /// Where the document is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the document.
    pub(super) fn read(&self, hashers: &Hashers) -> io::Result<Result<Job, Box<Refused>>> {
        read(&self.file, hashers)
    }

    /// Moves the document to the claimed ones; nothing if its job is there already, or if another
    /// file took the document's name meanwhile.
    pub(super) fn claim(mut self, folders: &Folders, id: &JobId) -> io::Result<Option<Self>> {
        let (waited, claimed) = (self.path.clone(), folders.claim_of(id));
        match rename_without_replacing(&waited, &claimed) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            renamed => renamed?,
        }
        self.path = claimed;
        if self.is_in_place()? {
            return Ok(Some(self));
        }
        // What was moved is another document, which nobody has read.
        rename_without_replacing(&self.path, &waited)?;
        Ok(None)
    }
}

/// Reads the document in `file`.
pub(super) fn read(file: &File, hashers: &Hashers) -> io::Result<Result<Job, Box<Refused>>> {
    if !file.metadata()?.is_file() {
        return Ok(Err(Box::new(no_file())));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Job::read(&bytes, hashers, Scope::Files))
}

/// What is to be said of a link, a pipe or a folder.
pub(super) fn no_file() -> Refused {
    Refused {
        id: None,
        failure: Failure::new(Code::Validation, "the document is no regular file"),
        may_grow: false,
    }
}

/// A job of the spool that is to be run here.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) job: Arc<Job>,
    pub(super) locked: Locked,
    /// Held until the job ends.
    pub(super) _key: Option<Key>,
    /// How often the job was begun before.
    pub(super) begun: u32,
}

/// How often the job was begun, as its file among the claimed ones says it.
pub(super) fn begun(folders: &Folders, id: &JobId) -> u32 {
    let text = fs::read_to_string(folders.begun_of(id));
    text.ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

/// Writes down how often a job is begun.
pub(super) struct Begun {
    pub(super) folders: Folders,
    pub(super) id: JobId,
}

#[async_trait]
impl Ledger for Begun {
    async fn note(&self, begun: u32) -> bool {
        let path = self.folders.begun_of(&self.id);
        let written = tokio::task::spawn_blocking(move || match begun {
            0 => remove_if_there(&path),
            begun => write_durably(&path, begun.to_string().as_bytes()),
        });
        match written.await.map_err(io::Error::other).flatten() {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(
                    job.id = %self.id,
                    error = &error as &dyn std::error::Error,
                    "it cannot be kept that the job is begun"
                );
                false
            }
        }
    }
}
