//! The folder of the cache.
//!
//! ```text
//! .lock         held by the process that uses the folder
//! objects/      whole files, each named by its key
//! incomplete/   what is being written, and what is on its way out; emptied at the start
//! ```

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};
use uuid::Uuid;

use crate::{cache::key::Key, domain::Timestamp};

/// Tells a file from any other that could stand in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) size: u64,
    modified: (i64, i64),
    inode: u64,
}

impl Identity {
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        Ok(Self {
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            inode: found.ino(),
        })
    }
}

/// A file that goes when it is dropped, unless it was moved away.
#[derive(Debug)]
pub(super) struct Aside(PathBuf);

impl Drop for Aside {
    fn drop(&mut self) {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a file of the image cache stays behind until the next start"
                );
            }
            _ => (),
        }
    }
}

/// A file that was there at the start.
#[derive(Debug)]
pub(super) struct Old {
    pub(super) key: Key,
    pub(super) size: u64,
    pub(super) modified: Timestamp,
}

/// The folder, which no other process uses.
#[derive(Debug)]
pub(super) struct Folder {
    objects: PathBuf,
    incomplete: PathBuf,
    /// Held as long as it is open.
    _lock: File,
}

impl Folder {
    /// Takes the folder, making what is missing, and removes what is incomplete.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let folder = std::path::absolute(folder)?;
        let (objects, incomplete) = (folder.join("objects"), folder.join("incomplete"));
        for folder in [&objects, &incomplete] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o750)
                .create(folder)?;
        }
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o640)
            .open(folder.join(".lock"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| {
            match io::Error::from(error) {
                error if error.kind() == io::ErrorKind::WouldBlock => io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    "another process uses it; each needs a folder of its own",
                ),
                error => error,
            }
        })?;
        for entry in fs::read_dir(&incomplete)? {
            drop(Aside(entry?.path()));
        }
        Ok(Self {
            objects,
            incomplete,
            _lock: lock,
        })
    }

    /// The whole files. What is named otherwise is left alone.
    pub(super) fn list(&self) -> io::Result<Vec<Old>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.objects)? {
            let entry = entry?;
            let key = entry.file_name().to_str().and_then(Key::from_name);
            let about = entry.metadata()?;
            if let (Some(key), true) = (key, about.is_file()) {
                let micros = about.mtime().saturating_mul(1_000_000) + about.mtime_nsec() / 1000;
                found.push(Old {
                    key,
                    size: about.size(),
                    modified: Timestamp::from_micros(micros),
                });
            }
        }
        Ok(found)
    }

    /// A new file, aside.
    pub(super) fn create(&self) -> io::Result<(Aside, File)> {
        let path = self.aside();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o640)
            .open(&path)?;
        Ok((Aside(path), file))
    }

    /// Opens the whole file of `key`.
    pub(super) fn find(&self, key: &Key) -> io::Result<(File, Identity)> {
        let file = File::open(self.path(key))?;
        let identity = Identity::of(&file)?;
        Ok((file, identity))
    }

    /// Puts what was written aside in its place, in the place of what may be there.
    pub(super) fn put(&self, aside: &Aside, key: &Key) -> io::Result<()> {
        fs::rename(&aside.0, self.path(key))
    }

    /// Makes what was put in its place durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.objects)?.sync_all()
    }

    /// Takes the file of `key` out of its place, at once; its bytes go when the result is dropped,
    /// which may take a while.
    pub(super) fn take_out(&self, key: &Key) -> Option<Aside> {
        let aside = self.aside();
        match fs::rename(self.path(key), &aside) {
            Ok(()) => Some(Aside(aside)),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(
                        file = %key,
                        error = &error as &dyn std::error::Error,
                        "a file cannot be taken out of the image cache"
                    );
                }
                None
            }
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.objects.join(key.name())
    }

    fn aside(&self) -> PathBuf {
        self.incomplete.join(Uuid::new_v4().simple().to_string())
    }
}
