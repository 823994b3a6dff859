//! A folder of an operator's with certificates.

use std::{
    fs::File,
    io::{self, Read as _},
    os::fd::OwnedFd,
    path::Path,
};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};

use crate::{domain::SecretId, signature::Certificate};

/// The ends of the names of files, in the order in which they are looked for.
const ENDS: [&str; 2] = ["pem", "der"];

/// A folder with a file `<uuid>.pem` or `<uuid>.der` for each certificate.
#[derive(Debug)]
pub struct CertificateFolder(OwnedFd);

impl CertificateFolder {
    /// The folder at `path`, which must be there. It stays the same one if it is moved.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(openat(CWD, path, flags, Mode::empty())?))
    }

    /// What is in the file of this certificate; none if there is no such file. One byte more than
    /// a certificate may have is read at most.
    ///
    /// # Errors
    ///
    /// If there is something of the name that cannot be read.
    pub fn read(&self, id: SecretId) -> io::Result<Option<Vec<u8>>> {
        for end in ENDS {
            match self.open_below(&format!("{id}.{end}")) {
                Ok(file) => return content(file).map(Some),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Links may lead elsewhere in the folder, and not out of it. What is no file blocks nobody.
    fn open_below(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let below = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let file = File::from(openat2(&self.0, name, flags, Mode::empty(), below)?);
        if file.metadata()?.is_file() {
            return Ok(file);
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the certificate is not a file",
        ))
    }
}

fn content(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = Certificate::MAX_BYTES as u64 + 1;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
