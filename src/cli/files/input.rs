//! Which files are meant by the words of a command line.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, OFlags};
use walkdir::WalkDir;

/// Folders that are open at the same time while one is walked.
const OPEN_FOLDERS: usize = 32;

/// Something that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Input {
    /// Standard input.
    Standard,
    /// What somebody named, of whatever kind it is.
    Named(PathBuf),
    /// A regular file in a folder that somebody named.
    Inside(PathBuf),
}

impl Input {
    /// Its name, as it is printed.
    pub(in crate::cli) fn name(&self) -> &Path {
        match self {
            Self::Standard => Path::new("-"),
            Self::Named(path) | Self::Inside(path) => path,
        }
    }

    /// Opens the file; nothing for standard input.
    ///
    /// What was found in a folder is opened only if it still is a regular file itself, for a
    /// symbolic link may lead anywhere, and a pipe never end.
    pub(super) fn open(&self) -> io::Result<Option<File>> {
        let file = match self {
            Self::Standard => return Ok(None),
            Self::Named(path) => File::open(path)?,
            Self::Inside(path) => {
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
                let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
                if !file.metadata()?.is_file() {
                    return Err(io::Error::other("no longer a regular file"));
                }
                file
            }
        };
        Ok(Some(file))
    }
}

/// A place in a folder that cannot be looked into.
#[derive(Debug)]
pub(in crate::cli) struct Unlisted {
    /// The place.
    pub(in crate::cli) path: PathBuf,
    /// Why.
    pub(in crate::cli) reason: io::Error,
}

/// How folders are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Folders {
    /// As files, which they are not.
    Refused,
    /// As all regular files in them and beneath, sorted by name. No symbolic link is followed.
    Walked,
}

/// The inputs that `words` name, in their order.
pub(in crate::cli) fn inputs(
    words: &[PathBuf],
    folders: Folders,
) -> impl Iterator<Item = Result<Input, Unlisted>> + Send {
    words.iter().flat_map(move |word| {
        let is_folder = folders == Folders::Walked
            && word != Path::new("-")
            && fs::metadata(word).is_ok_and(|metadata| metadata.is_dir());
        let walked = is_folder.then(|| files_in(word));
        let single = (!is_folder).then(|| Ok(named(word)));
        walked.into_iter().flatten().chain(single)
    })
}

fn named(word: &Path) -> Input {
    if word == Path::new("-") {
        Input::Standard
    } else {
        Input::Named(word.to_owned())
    }
}

fn files_in(folder: &Path) -> impl Iterator<Item = Result<Input, Unlisted>> + Send + use<> {
    let folder = folder.to_owned();
    WalkDir::new(&folder)
        .follow_root_links(true)
        .max_open(OPEN_FOLDERS)
        .sort_by_file_name()
        .into_iter()
        .filter_map(move |entry| match entry {
            Ok(entry) if entry.file_type().is_file() => Some(Ok(Input::Inside(entry.into_path()))),
            Ok(_) => None,
            Err(error) => Some(Err(Unlisted {
                path: error.path().unwrap_or(&folder).to_owned(),
                reason: error.into(),
            })),
        })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_is_its_regular_files_in_order_and_no_link_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir_all(root.join("b/deep")).expect("folders");
        for name in ["c", "b/deep/z", "b/a", "a"] {
            fs::write(root.join(name), name).expect("a file");
        }
        symlink("/etc", root.join("etc")).expect("a link");
        symlink("a", root.join("link")).expect("a link");
        let found: Vec<_> = inputs(&[root.to_owned()], Folders::Walked)
            .map(|input| input.expect("readable").name().to_owned())
            .collect();
        let expected = ["a", "b/a", "b/deep/z", "c"].map(|name| root.join(name));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_was_a_file_when_it_was_found_is_not_followed_elsewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("link");
        symlink("/etc/passwd", &link).expect("a link");
        assert!(Input::Inside(link.clone()).open().is_err());
        assert!(Input::Named(link).open().is_ok());
        assert!(Input::Inside(folder.path().to_owned()).open().is_err());
    }
}
