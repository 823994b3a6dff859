//! What a folder is known by, to all who have it and wherever they have it from: an id in a file of
//! the folder itself.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use uuid::Uuid;

use super::FileStore;

/// The file with the id. Its name is none of an image.
const AREA: &str = ".area";

impl FileStore {
    /// What the folder is known by, if it was given an id.
    ///
    /// # Errors
    ///
    /// What the file system says if the file cannot be read; `InvalidData` if it holds no id.
    pub fn find_area(&self) -> io::Result<Option<Uuid>> {
        let text = match fs::read_to_string(self.0.folder.join(AREA)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Uuid::try_parse(text.trim()).map(Some).map_err(|error| {
            let told = format!("{AREA} holds no id: {error}");
            io::Error::new(io::ErrorKind::InvalidData, told)
        })
    }

    /// What the folder is known by; from now on it is `new` if it was not given an id. Of several
    /// that ask at once, all are told the same.
    ///
    /// # Errors
    ///
    /// As [`FileStore::find_area`], or if the file cannot be written.
    pub fn area(&self, new: Uuid) -> io::Result<Uuid> {
        if let Some(area) = self.find_area()? {
            return Ok(area);
        }
        let aside = self.0.incoming.join(format!("area.{}", new.simple()));
        let placed = place(&aside, &self.0.folder.join(AREA), new);
        let removed = fs::remove_file(&aside);
        placed?;
        removed?;
        File::open(&self.0.folder)?.sync_all()?;
        Ok(self.find_area()?.unwrap_or(new))
    }
}

/// Writes the id aside, and gives the whole file its name unless another has it.
fn place(aside: &Path, path: &Path, id: Uuid) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o640)
        .open(aside)?;
    writeln!(file, "{id}")?;
    file.sync_all()?;
    match fs::hard_link(aside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}
