//! The files that rules come from, and whether they changed.

use std::{
    fs::{self, Metadata},
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::PolicyError;

/// Where files of rules may be.
#[derive(Debug)]
pub(super) struct Sources {
    file: PathBuf,
    dirs: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

/// A file as it was when it was looked at. Any change makes an unequal one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    path: PathBuf,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Seen {
    fn new(path: PathBuf, metadata: &Metadata) -> Self {
        Self {
            path,
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Sources {
    /// One file, and folders of more. Relative ones are in the first of `folders` that has them,
    /// else in the working directory.
    pub(super) fn new(file: PathBuf, dirs: Vec<PathBuf>, folders: &[PathBuf]) -> Self {
        Self {
            file,
            dirs,
            folders: folders.to_vec(),
        }
    }

    /// The files that exist now, in the order in which they are to be read.
    ///
    /// # Errors
    ///
    /// [`PolicyError::Unreadable`] for what exists and cannot be looked at.
    pub(super) fn look(&self) -> Result<Vec<Seen>, PolicyError> {
        let mut found = Vec::new();
        if let Some((path, metadata)) = self.locate(&self.file)? {
            found.push(Seen::new(path, &metadata));
        }
        for dir in &self.dirs {
            if let Some((path, _)) = self.locate(dir)? {
                found.extend(files_in(&path)?);
            }
        }
        Ok(found)
    }

    fn locate(&self, path: &Path) -> Result<Option<(PathBuf, Metadata)>, PolicyError> {
        let working_directory = Path::new("");
        let folders = self.folders.iter().map(PathBuf::as_path);
        for folder in folders.chain([working_directory]) {
            let path = folder.join(path);
            match fs::metadata(&path) {
                Ok(metadata) => return Ok(Some((path, metadata))),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(PolicyError::Unreadable { path, source }),
            }
        }
        Ok(None)
    }
}

/// The files of the folder `dir` by name, without hidden ones and without folders.
fn files_in(dir: &Path) -> Result<Vec<Seen>, PolicyError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| PolicyError::Unreadable { path, source }
    };
    let entries: io::Result<Vec<_>> = fs::read_dir(dir).and_then(Iterator::collect);
    let mut files = Vec::new();
    for entry in entries.map_err(unreadable(dir))? {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        let metadata = fs::metadata(&path).map_err(unreadable(&path))?;
        if metadata.is_file() {
            files.push(Seen::new(path, &metadata));
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}
