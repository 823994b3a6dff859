//! Taking bytes in: written aside on a thread of their own, made durable, moved into place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{Inner, blocking};
use crate::{
    domain::ImageId,
    store::{Received, StoreError},
    stream::{self, Incoming, Outgoing},
};

/// How many frames wait for the disk. A frame of an upload has at most 256 KiB, so it holds
/// 1 MiB here at most; deeper queues measured no faster.
const DEPTH: usize = 4;

/// A file that goes when it is dropped, unless it was moved away.
#[derive(Debug)]
struct Aside(PathBuf);

impl Drop for Aside {
    fn drop(&mut self) {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a partial file stays behind"
                );
            }
            _ => (),
        }
    }
}

/// Bytes that lie aside, durably.
pub(super) struct ReceivedFile {
    store: Arc<Inner>,
    id: ImageId,
    aside: Aside,
    size: u64,
}

pub(super) async fn receive(
    store: &Arc<Inner>,
    id: ImageId,
    mut data: Incoming,
) -> Result<ReceivedFile, StoreError> {
    let name = format!("{id}.{}", Uuid::new_v4().simple());
    let (aside, file) = create(store.incoming.join(name), store.mode).await?;
    let (frames, queue) = mpsc::channel(DEPTH);
    let written = spawn_writer(file, queue)?;
    while let Some(frame) = data.next().await {
        // The writer ends early only when it failed, and then says why below.
        if frames.send(frame?).await.is_err() {
            break;
        }
    }
    drop(frames);
    let size = written
        .await
        .map_err(|gone| StoreError::Unavailable(io::Error::other(gone)))??;
    Ok(ReceivedFile {
        store: Arc::clone(store),
        id,
        aside,
        size,
    })
}

/// Makes the file. Whoever asks may go away meanwhile: then the file goes, too.
async fn create(path: PathBuf, mode: Option<u32>) -> Result<(Aside, File), StoreError> {
    blocking(move || {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode.unwrap_or(0o666))
            .open(&path)?;
        let aside = Aside(path);
        if let Some(mode) = mode {
            file.set_permissions(fs::Permissions::from_mode(mode))?;
        }
        Ok((aside, file))
    })
    .await
}

/// Starts the thread that writes the frames of `queue` to `file` and syncs it.
///
/// A thread of the upload's own, and not one of tokio's pool: the work lasts as long as the
/// client pleases, and the pool's threads are few. Handing each frame to the pool measured 9 %
/// slower.
fn spawn_writer(
    file: File,
    queue: mpsc::Receiver<Bytes>,
) -> io::Result<oneshot::Receiver<io::Result<u64>>> {
    let (done, written) = oneshot::channel();
    thread::Builder::new()
        .name("store-write".into())
        .spawn(move || {
            // Nobody listens when the upload was given up; the file is then removed.
            let _ = done.send(write(file, queue));
        })?;
    Ok(written)
}

fn write(mut file: File, mut queue: mpsc::Receiver<Bytes>) -> io::Result<u64> {
    let mut size = 0;
    while let Some(frame) = queue.blocking_recv() {
        file.write_all(&frame)?;
        size += frame.len() as u64;
    }
    file.sync_all()?;
    Ok(size)
}

#[async_trait]
impl Received for ReceivedFile {
    fn size(&self) -> u64 {
        self.size
    }

    async fn reopen(&self) -> Result<Option<Outgoing>, StoreError> {
        let path = self.aside.0.clone();
        let file = blocking(move || Ok(File::open(path)?)).await?;
        Ok(Some(stream::read_file(Arc::new(file), 0..self.size)))
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.aside.0)
    }

    async fn publish(self: Box<Self>) -> Result<(), StoreError> {
        blocking(move || {
            let target = self.store.path(self.id);
            match rename_without_replacing(&self.aside.0, &target) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(StoreError::Exists(self.id));
                }
                renamed => renamed?,
            }
            sync_names(&self.store)
        })
        .await
    }

    async fn replace(self: Box<Self>) -> Result<(), StoreError> {
        blocking(move || {
            fs::rename(&self.aside.0, self.store.path(self.id))?;
            sync_names(&self.store)
        })
        .await
    }
}

/// Makes the names of the files durable.
fn sync_names(store: &Inner) -> Result<(), StoreError> {
    File::open(&store.folder)?.sync_all()?;
    Ok(())
}

/// Renames atomically, or fails with `AlreadyExists`; where the file system knows no such
/// rename, a hard link does the same.
fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        renamed => Ok(renamed?),
    }
}
