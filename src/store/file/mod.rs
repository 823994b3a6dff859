//! Images as files of one folder, named by their ids, as Glance's file store lays them out.
//!
//! What is being taken in lies in the folder's subfolder `.incoming`, on the same file system,
//! and is moved into its place by a rename that never replaces a file, unless it is to.

mod area;
mod settings;
#[cfg(test)]
mod tests;
mod write;

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File},
    io,
    ops::Range,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use async_trait::async_trait;
use serde_json::Value;

pub use self::settings::Settings;
use crate::{
    domain::{ImageId, Timestamp},
    store::{Received, Store, StoreError},
    stream::{self, Incoming, Outgoing},
};

/// The subfolder of what is being taken in.
const INCOMING: &str = ".incoming";

/// A folder that is a store.
#[derive(Debug, Clone)]
pub struct FileStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    incoming: PathBuf,
    /// The permissions of published files; `None` leaves them to the umask.
    mode: Option<u32>,
}

impl FileStore {
    /// Opens the store, making its folders if they are missing.
    ///
    /// # Errors
    ///
    /// What the file system says if it cannot be written to.
    pub fn open(settings: &Settings) -> io::Result<Self> {
        let folder = std::path::absolute(&settings.filesystem_store_datadir)?;
        let incoming = folder.join(INCOMING);
        DirBuilder::new()
            .recursive(true)
            .mode(0o750)
            .create(&incoming)?;
        Ok(Self(Arc::new(Inner {
            folder,
            incoming,
            mode: mode(settings.filesystem_store_file_perm)?,
        })))
    }
}

impl Inner {
    fn path(&self, id: ImageId) -> PathBuf {
        self.folder.join(id.as_str())
    }
}

/// The permissions that the operator wrote as octal digits: 640 means `rw-r-----`.
fn mode(digits: u32) -> io::Result<Option<u32>> {
    let mode = u32::from_str_radix(&digits.to_string(), 8)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    Ok((mode != 0).then_some(mode))
}

/// Runs file operations where they may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|panic| StoreError::Unavailable(io::Error::other(panic)))?
}

/// The images whose ids begin the names of the files in `folder`.
fn ids_in(folder: &Path) -> Result<Vec<ImageId>, StoreError> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.get(..36));
        ids.extend(id.and_then(|id| id.parse::<ImageId>().ok()));
    }
    Ok(ids)
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn open_file(path: &Path, id: ImageId) -> Result<File, StoreError> {
    File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound(id),
        _ => StoreError::Unavailable(error),
    })
}

#[async_trait]
impl Store for FileStore {
    #[tracing::instrument(name = "store.receive", level = "debug", skip_all, fields(image.id = %id))]
    async fn receive(&self, id: ImageId, data: Incoming) -> Result<Box<dyn Received>, StoreError> {
        Ok(Box::new(write::receive(&self.0, id, data).await?))
    }

    #[tracing::instrument(name = "store.open", level = "debug", skip_all, fields(image.id = %id))]
    async fn open(&self, id: ImageId, range: Range<u64>) -> Result<Outgoing, StoreError> {
        let path = self.0.path(id);
        let end = range.end;
        let file = blocking(move || {
            let file = open_file(&path, id)?;
            let size = file.metadata()?.size();
            (end <= size)
                .then_some(file)
                .ok_or(StoreError::NotFound(id))
        })
        .await?;
        Ok(stream::read_file(Arc::new(file), range))
    }

    async fn size(&self, id: ImageId) -> Result<u64, StoreError> {
        let path = self.0.path(id);
        blocking(move || Ok(open_file(&path, id)?.metadata()?.size())).await
    }

    #[tracing::instrument(name = "store.delete", level = "debug", skip_all, fields(image.id = %id))]
    async fn delete(&self, id: ImageId) -> Result<(), StoreError> {
        let path = self.0.path(id);
        blocking(move || remove_if_there(&path)).await
    }

    async fn list(&self) -> Result<Vec<ImageId>, StoreError> {
        let store = Arc::clone(&self.0);
        blocking(move || ids_in(&store.folder)).await
    }

    async fn published_at(&self, id: ImageId) -> Result<Option<Timestamp>, StoreError> {
        let path = self.0.path(id);
        let written = blocking(move || Ok(open_file(&path, id)?.metadata()?.modified()?)).await?;
        let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Some(Timestamp::from_micros(0).plus(since)))
    }

    async fn unpublished(&self) -> Result<Vec<ImageId>, StoreError> {
        let store = Arc::clone(&self.0);
        blocking(move || ids_in(&store.incoming)).await
    }

    async fn delete_unpublished(&self, id: ImageId) -> Result<(), StoreError> {
        let store = Arc::clone(&self.0);
        blocking(move || {
            for entry in fs::read_dir(&store.incoming)? {
                let entry = entry?;
                if entry
                    .file_name()
                    .to_str()
                    .is_some_and(|name| name.starts_with(id.as_str()))
                {
                    remove_if_there(&entry.path())?;
                }
            }
            Ok(())
        })
        .await
    }

    fn url(&self, id: ImageId) -> String {
        format!("file://{}", self.0.path(id).display())
    }

    fn path(&self, id: ImageId) -> Option<PathBuf> {
        Some(self.0.path(id))
    }

    fn kind(&self) -> &'static str {
        "file"
    }

    fn properties(&self) -> BTreeMap<&'static str, Value> {
        BTreeMap::from([
            ("chunk_size", stream::READ_AT_ONCE.into()),
            ("data_dir", self.0.folder.display().to_string().into()),
            ("thin_provisioning", false.into()),
        ])
    }
}
