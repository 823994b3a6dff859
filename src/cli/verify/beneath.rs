//! Files beneath a folder, named by somebody who is not trusted.

use std::{
    fs::File,
    io,
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{Mode, OFlags, ResolveFlags, openat2},
    io::Errno,
};

/// A folder out of which no name leads.
#[derive(Debug)]
pub(super) struct Beneath {
    folder: File,
    path: PathBuf,
}

/// Why a name is not opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// It begins at the root of the file system.
    #[error("the name is absolute, and only names beneath the folder are followed")]
    Absolute,
    /// It goes up.
    #[error("the name has \"..\", and only names beneath the folder are followed")]
    Up,
    /// It means no file.
    #[error("the name is of no file")]
    NoFile,
    /// A symbolic link on the way leads out of the folder.
    #[error("a symbolic link leads out of the folder")]
    LeadsOut,
    /// It is a folder, a device, a pipe or the like.
    #[error("it is not a regular file")]
    NotRegular,
    /// Nothing has this name.
    #[error("no such file")]
    Missing,
    /// It cannot be opened.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

impl Beneath {
    /// The folder at `path`.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self {
            folder: folder.into(),
            path: path.to_owned(),
        })
    }

    /// Where `name` is, as somebody who trusted it would say.
    pub(super) fn path(&self, name: &Path) -> PathBuf {
        self.path.join(name)
    }

    /// Opens the regular file `name`. Symbolic links are followed as long as they stay beneath the
    /// folder, which the system sees to while it walks.
    pub(super) fn open(&self, name: &Path) -> Result<File, Refusal> {
        for part in name.components() {
            match part {
                Component::Normal(_) | Component::CurDir => {}
                Component::ParentDir => return Err(Refusal::Up),
                Component::RootDir | Component::Prefix(_) => return Err(Refusal::Absolute),
            }
        }
        if name.as_os_str().is_empty() || name.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(Refusal::NoFile);
        }
        // A pipe must not make us wait for its writer.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let file = openat2(&self.folder, name, flags, Mode::empty(), resolve);
        let file: File = match file {
            Ok(file) => file.into(),
            Err(Errno::XDEV) => return Err(Refusal::LeadsOut),
            Err(Errno::NOENT | Errno::NOTDIR) => return Err(Refusal::Missing),
            Err(Errno::NXIO) => return Err(Refusal::NotRegular),
            Err(error) => return Err(Refusal::Unreadable(error.into())),
        };
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(Refusal::NotRegular)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path().join("root");
        fs::create_dir_all(root.join("deep")).expect("folders");
        fs::write(place.path().join("outside"), "secret").expect("a file");
        fs::write(root.join("inside"), "open").expect("a file");
        for (target, link) in [
            ("../outside", "up"),
            ("/etc/passwd", "absolute"),
            ("..", "deep/parent"),
            ("../../outside", "deep/up"),
            ("/proc/self/root", "magic"),
            ("../inside", "deep/good"),
        ] {
            symlink(target, root.join(link)).expect("a link");
        }
        let beneath = Beneath::at(&root).expect("a folder");
        let open = |name: &str| beneath.open(Path::new(name));
        for name in ["inside", "./inside", "deep//good", "deep/parent/inside"] {
            assert!(open(name).is_ok(), "{name}");
        }
        for name in ["up", "absolute", "deep/up", "magic/etc/passwd"] {
            assert!(matches!(open(name), Err(Refusal::LeadsOut)), "{name}");
        }
        for name in ["../outside", "deep/../inside", "deep/parent/../outside"] {
            assert!(matches!(open(name), Err(Refusal::Up)), "{name}");
        }
        assert!(matches!(open("/etc/passwd"), Err(Refusal::Absolute)));
        assert!(matches!(open("deep"), Err(Refusal::NotRegular)));
        assert!(matches!(open("inside/x"), Err(Refusal::Missing)));
        for name in ["", "a\0b"] {
            assert!(matches!(open(name), Err(Refusal::NoFile)), "{name:?}");
        }
    }
}
