//! Writing a file aside, while others read it.

use std::{fs::File, io, io::Write as _, sync::Arc, thread};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use crate::{
    cache::{
        Inner,
        folder::{Aside, Identity},
        following::{Following, Stage},
        index::{Note, Work},
        key::Key,
        meters::{self, Fill},
    },
    domain::{ImageId, Timestamp, Verified},
    stream::Outgoing,
};

/// How many frames wait for the disk.
const DEPTH: usize = 4;

/// A file that is being written. Dropped, it is given up.
#[derive(Debug)]
pub struct Filling {
    inner: Arc<Inner>,
    key: Key,
    size: u64,
    file: Arc<File>,
    stage: Arc<watch::Sender<Stage>>,
    /// There until it was put in its place.
    aside: Option<Aside>,
    /// What came of the writing, once it has begun.
    written: Option<oneshot::Receiver<io::Result<()>>>,
    /// What it is to end with.
    end: (Stage, Fill),
}

impl Filling {
    /// Begins to write `size` bytes aside, and a reader of them: unless somebody does already, who
    /// is followed then. None if there is no room. It blocks.
    pub(super) fn begin(
        inner: &Arc<Inner>,
        key: &Key,
        size: u64,
    ) -> io::Result<Option<(Option<Self>, Following)>> {
        if size == 0 || !inner.index().could_hold(size, inner.max_size) {
            return Ok(None);
        }
        let (aside, file) = inner.folder.create()?;
        let file = Arc::new(file);
        let (stage, stages) = watch::channel(Stage::Written(0));
        let following = Following::new(Arc::clone(&file), stages, size);
        let mut index = inner.index();
        if index.has(key) || !index.could_hold(size, inner.max_size) {
            return Ok(None);
        }
        match index.begin(key, Work::Filling(following.clone())) {
            Ok(()) => {}
            Err(Work::Filling(there)) => return Ok(Some((None, there))),
            Err(Work::Verifying(_)) => return Ok(None),
        }
        let (pruned, evicted) = index.make_room(&inner.folder, 0, inner.max_size);
        drop(index);
        meters::note_pruned(pruned);
        drop(evicted);
        let filling = Self {
            inner: Arc::clone(inner),
            key: key.clone(),
            size,
            file,
            stage: Arc::new(stage),
            aside: Some(aside),
            written: None,
            end: (Stage::Failed, Fill::Failed),
        };
        Ok(Some((Some(filling), following)))
    }

    /// Passes `source` on and writes it. It ends with an error if it cannot be written, or if
    /// nothing comes for too long.
    ///
    /// # Errors
    ///
    /// If the system gives no thread to write on.
    pub fn write(&mut self, source: Outgoing) -> io::Result<Outgoing> {
        let (frames, queue) = mpsc::channel(DEPTH);
        let (file, stage) = (Arc::clone(&self.file), Arc::clone(&self.stage));
        self.written = Some(spawn_writer(file, queue, stage)?);
        let patience = self.inner.stall_time;
        Ok(Box::pin(stream::try_unfold(
            (source, frames),
            move |(mut source, frames)| async move {
                let next = timeout(patience, source.next()).await;
                let next = next.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
                let Some(frame) = next.transpose()? else {
                    return Ok(None);
                };
                if frames.send(frame.clone()).await.is_err() {
                    return Err(io::Error::other("the image cache cannot write"));
                }
                Ok(Some((frame, (source, frames))))
            },
        )))
    }

    /// Puts what was written in its place, if it is `verified` to be what its key says; it was
    /// written for `image`. Readers get its last byte then.
    ///
    /// # Errors
    ///
    /// What the file system says. Nothing is kept then.
    pub async fn keep(
        mut self,
        verified: &Verified,
        image: ImageId,
        at: Timestamp,
    ) -> io::Result<()> {
        self.written().await?;
        if verified.size() != self.size || !self.is_named_by(verified) {
            self.end = (Stage::Wrong, Fill::Wrong);
            return Err(io::Error::other("the bytes are not those of the key"));
        }
        tokio::task::spawn_blocking(move || self.put(image, at))
            .await
            .map_err(io::Error::other)?
    }

    /// The bytes that came are not what they should be: readers are cut off.
    pub fn reject(mut self) {
        self.end = (Stage::Wrong, Fill::Wrong);
    }

    /// Why it could not be written, if that is so. Readers go on elsewhere.
    pub async fn give_up(mut self) -> Option<io::Error> {
        self.written().await.err()
    }

    async fn written(&mut self) -> io::Result<()> {
        match self.written.take() {
            Some(written) => written.await.map_err(io::Error::other)?,
            None => Err(io::Error::other("nothing was written")),
        }
    }

    fn is_named_by(&self, verified: &Verified) -> bool {
        let named = Key::shared(verified.hash());
        named.is_some_and(|named| self.key.name().starts_with(named.name()))
    }

    fn put(mut self, image: ImageId, at: Timestamp) -> io::Result<()> {
        let identity = Identity::of(&self.file)?;
        let Some(aside) = self.aside.take() else {
            return Ok(());
        };
        let mut index = self.inner.index();
        self.inner.folder.put(&aside, &self.key)?;
        index.add(self.key.clone(), self.size, at, Some(identity));
        index.note(Note {
            image,
            key: self.key.clone(),
            hits: 0,
            cached_at: Some(at),
            used_at: at,
        });
        drop(index);
        self.end = (Stage::Verified, Fill::Kept);
        // What a power cut takes is missing then, and nothing else.
        self.inner.folder.sync()
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        let (stage, fill) = self.end;
        self.inner.index().end(&self.key);
        self.stage.send_replace(stage);
        meters::note_fill(fill);
    }
}

/// Starts the thread that writes the frames of `queue` to `file` and syncs it: the work lasts as
/// long as the source pleases, and the threads of tokio's pool are few.
fn spawn_writer(
    file: Arc<File>,
    queue: mpsc::Receiver<Bytes>,
    stage: Arc<watch::Sender<Stage>>,
) -> io::Result<oneshot::Receiver<io::Result<()>>> {
    let (done, written) = oneshot::channel();
    thread::Builder::new()
        .name("cache-write".into())
        .spawn(move || {
            let result = write(&file, queue, &stage);
            drop((file, stage));
            // Nobody listens when it was given up.
            let _ = done.send(result);
        })?;
    Ok(written)
}

fn write(
    mut file: &File,
    mut queue: mpsc::Receiver<Bytes>,
    stage: &watch::Sender<Stage>,
) -> io::Result<()> {
    let mut size = 0;
    while let Some(frame) = queue.blocking_recv() {
        file.write_all(&frame)?;
        size += frame.len() as u64;
        // Once it has ended, it stays so.
        stage.send_if_modified(|stage| {
            let goes_on = matches!(stage, Stage::Written(_));
            if goes_on {
                *stage = Stage::Written(size);
            }
            goes_on
        });
    }
    file.sync_all()
}
