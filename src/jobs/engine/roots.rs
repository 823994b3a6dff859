//! The folders beneath which images may be opened.

use std::{
    fs::File,
    io,
    os::{
        fd::OwnedFd,
        unix::fs::{FileTypeExt as _, MetadataExt as _},
    },
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{FsWord, Mode, OFlags, PROC_SUPER_MAGIC, ResolveFlags, fstatfs, open, openat2},
    io::Errno,
};

use crate::jobs::failure::{Code, Failure};

/// The magic numbers of file systems whose files are no data: proc, sysfs, debugfs, tracefs.
const NO_DATA: [FsWord; 4] = [PROC_SUPER_MAGIC, 0x6265_6572, 0x6462_6720, 0x7472_6163];

/// Folders beneath which images may be opened.
///
/// A file is opened once, beneath one of them: no `..`, no link and no mount of a process's own
/// files leads out of it. Whatever happens to the folder's name later, the folder stays the one
/// that was opened.
#[derive(Debug, Default)]
pub struct Roots(Vec<Root>);

#[derive(Debug)]
struct Root {
    /// How the operator calls it, without links and as it was written.
    names: [PathBuf; 2],
    folder: OwnedFd,
}

/// A file that was opened, and what was known of it then.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) state: State,
}

/// What changes when a file is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl State {
    /// The state of the file now.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let known = file.metadata()?;
        Ok(Self {
            size: known.size(),
            modified: (known.mtime(), known.mtime_nsec()),
            changed: (known.ctime(), known.ctime_nsec()),
        })
    }
}

impl Roots {
    /// Opens the folders.
    ///
    /// # Errors
    ///
    /// The folder that cannot be opened, and why.
    pub fn open(folders: &[PathBuf]) -> Result<Self, (PathBuf, io::Error)> {
        let opened = folders
            .iter()
            .map(|folder| Root::open(folder).map_err(|error| (folder.clone(), error)));
        opened.collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is none, so that no image can be opened.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Opens the regular file at `path`, which is absolute or relative to one of the folders.
    pub(super) fn file(&self, path: &str) -> Result<Opened, Failure> {
        let path = Path::new(path);
        if self.is_empty() {
            let message = "no image root is configured, so that no image can be opened";
            return Err(Failure::new(Code::PathNotAllowed, message));
        }
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(not_allowed(path, "it contains \"..\""));
        }
        let mut places = self.places(path).peekable();
        if places.peek().is_none() {
            return Err(not_allowed(path, "it is beneath no image root"));
        }
        let mut last = Errno::NOENT;
        for (root, rest) in places {
            match root.file(&rest) {
                Ok(file) => return judge(path, file),
                Err(error) => last = error,
            }
        }
        Err(unopened(path, last))
    }

    /// Where `path` may be: a root, and the path beneath it; the closest root first.
    fn places(&self, path: &Path) -> impl Iterator<Item = (&Root, PathBuf)> {
        let mut places: Vec<_> = self
            .0
            .iter()
            .filter_map(|root| Some((root, root.beneath(path)?)))
            .collect();
        places.sort_by_key(|(_, rest)| rest.components().count());
        places.into_iter()
    }
}

impl Root {
    fn open(folder: &Path) -> io::Result<Self> {
        let name = std::path::absolute(folder)?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self {
            names: [name.canonicalize()?, name],
            folder: open(folder, flags, Mode::empty())?,
        })
    }

    /// The path beneath this root, if `path` is meant to be there.
    fn beneath(&self, path: &Path) -> Option<PathBuf> {
        if path.is_relative() {
            return Some(path.to_owned());
        }
        let rest = |name: &PathBuf| path.strip_prefix(name).ok().map(Path::to_owned);
        self.names.iter().find_map(rest)
    }

    /// Opens the file without waiting for anybody: a pipe has no writer, maybe for ever.
    fn file(&self, rest: &Path) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let rest = if rest.as_os_str().is_empty() {
            Path::new(".")
        } else {
            rest
        };
        openat2(&self.folder, rest, flags, Mode::empty(), beneath)
    }
}

/// Only a regular file whose bytes are data is an image.
fn judge(path: &Path, file: OwnedFd) -> Result<Opened, Failure> {
    let unreadable = |error: io::Error| unreadable(path, &error);
    let system = fstatfs(&file).map_err(|error| unreadable(error.into()))?;
    let file = File::from(file);
    let kind = file.metadata().map_err(unreadable)?.file_type();
    let is_data = !NO_DATA.contains(&system.f_type);
    let what = if kind.is_dir() {
        "is a folder"
    } else if kind.is_fifo() {
        "is a named pipe"
    } else if kind.is_file() && is_data {
        let state = State::of(&file).map_err(unreadable)?;
        return Ok(Opened { file, state });
    } else {
        "is no regular file"
    };
    let message = format!("{} {what}", path.display());
    Err(Failure::new(Code::NotAFile, message))
}

fn not_allowed(path: &Path, why: &str) -> Failure {
    let message = format!("{} is not allowed: {why}", path.display());
    Failure::new(Code::PathNotAllowed, message)
}

fn unopened(path: &Path, error: Errno) -> Failure {
    match error {
        Errno::XDEV | Errno::LOOP => not_allowed(path, "a link leads out of the image root"),
        Errno::NOENT | Errno::NOTDIR => {
            let message = format!("there is no file {}", path.display());
            Failure::new(Code::ImageNotFound, message)
        }
        // What a socket and a device without a driver answer.
        Errno::NXIO | Errno::NODEV => {
            let message = format!("{} is no regular file", path.display());
            Failure::new(Code::NotAFile, message)
        }
        error => unreadable(path, &error.into()),
    }
}

/// The file is there, and the system does not give its bytes.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be read: {error}", path.display());
    Failure::new(Code::ImageUnreadable, message)
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::{fs::symlink, net::UnixListener},
    };

    use rustix::fs::{CWD, FileType, mknodat};
    use tempfile::TempDir;

    use super::*;

    /// A folder with an image in a folder in it, and its root.
    fn ground() -> (TempDir, Roots) {
        let folder = TempDir::new().expect("a folder");
        fs::create_dir(folder.path().join("a")).expect("a folder");
        fs::write(folder.path().join("a/disk"), "data").expect("a file");
        let roots = Roots::open(&[folder.path().to_owned()]).expect("a root");
        (folder, roots)
    }

    #[track_caller]
    fn code(roots: &Roots, path: &Path) -> Option<Code> {
        let path = path.to_str().expect("UTF-8");
        roots.file(path).err().map(|failure| failure.code)
    }

    #[test]
    fn a_file_beneath_a_root_is_opened_by_either_way_to_write_its_path() {
        let (folder, roots) = ground();
        let link = TempDir::new().expect("a folder");
        let other = link.path().join("other");
        symlink(folder.path(), &other).expect("a link");
        assert_eq!(code(&roots, &folder.path().join("a/disk")), None);
        assert_eq!(code(&roots, Path::new("a/disk")), None);
        let roots = Roots::open(std::slice::from_ref(&other)).expect("a root");
        assert_eq!(code(&roots, &other.join("a/disk")), None);
        assert_eq!(code(&roots, &folder.path().join("a/disk")), None);
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_not_allowed() {
        let (folder, roots) = ground();
        let elsewhere = TempDir::new().expect("a folder");
        fs::write(elsewhere.path().join("secret"), "data").expect("a file");
        let at = |name: &str| folder.path().join(name);
        symlink(elsewhere.path().join("secret"), at("absolute")).expect("a link");
        symlink("../../../../etc/passwd", at("relative")).expect("a link");
        symlink(elsewhere.path(), at("folder")).expect("a link");
        symlink("/proc/self/environ", at("environ")).expect("a link");
        symlink("loop", at("loop")).expect("a link");
        for path in [
            "/etc/passwd".into(),
            "/proc/self/mem".into(),
            "../secret".into(),
            elsewhere.path().join("secret"),
            at("a/../../secret"),
            at("absolute"),
            at("relative"),
            at("folder/secret"),
            at("environ"),
            at("loop"),
        ] {
            assert_eq!(code(&roots, &path), Some(Code::PathNotAllowed), "{path:?}");
        }
        assert_eq!(
            code(&Roots::default(), Path::new("/etc/passwd")),
            Some(Code::PathNotAllowed)
        );
    }

    #[test]
    fn a_link_that_stays_beneath_the_root_is_followed() {
        let (folder, roots) = ground();
        symlink("a/disk", folder.path().join("current")).expect("a link");
        assert_eq!(code(&roots, Path::new("current")), None);
    }

    #[test]
    fn what_is_no_regular_file_is_refused_without_waiting() {
        let (folder, roots) = ground();
        let at = |name: &str| folder.path().join(name);
        let mode = Mode::from_raw_mode(0o600);
        mknodat(CWD, at("pipe"), FileType::Fifo, mode, 0).expect("a pipe");
        let _socket = UnixListener::bind(at("socket")).expect("a socket");
        for path in [at("pipe"), at("socket"), at("a"), folder.path().to_owned()] {
            assert_eq!(code(&roots, &path), Some(Code::NotAFile), "{path:?}");
        }
        for path in [at("missing"), at("a/disk/under")] {
            assert_eq!(code(&roots, &path), Some(Code::ImageNotFound), "{path:?}");
        }
    }

    #[test]
    fn files_of_processes_are_no_data_even_beneath_a_root() {
        let roots = Roots::open(&["/proc".into()]).expect("a root");
        let path = Path::new("/proc/self/environ");
        // The link to the own process is followed, and stays beneath.
        assert_eq!(code(&roots, path), Some(Code::NotAFile));
        assert_eq!(
            code(&roots, Path::new("/proc/self/root/etc/passwd")),
            Some(Code::PathNotAllowed)
        );
    }

    #[test]
    fn a_root_that_is_no_folder_cannot_be_opened() {
        let (folder, _) = ground();
        for name in ["missing", "a/disk"] {
            let path = folder.path().join(name);
            let (named, _) = Roots::open(std::slice::from_ref(&path)).expect_err("no folder");
            assert_eq!(named, path);
        }
    }
}
