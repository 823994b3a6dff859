//! Reading a file while it is being written.

use std::{fs::File, io, sync::Arc};

use bytes::Bytes;
use tokio::sync::watch;

use crate::stream::{READ_AT_ONCE, read_exactly};

/// How far the work on a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// So many bytes are written.
    Written(u64),
    /// It is whole, and what its key says.
    Verified,
    /// It does not become whole.
    Failed,
    /// It is something else than its key says.
    Wrong,
}

/// Why a file that is being written cannot be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It does not become whole. What was read of it is as good as what it was made from.
    Incomplete,
    /// It was something else than it should be, and so was what was read of it.
    Wrong,
}

/// A reader of a file that is being written.
///
/// It gets everything but the last byte as it is written, and that only once the digest of the file
/// was found to be right.
#[derive(Debug, Clone)]
pub struct Following {
    file: Arc<File>,
    stage: watch::Receiver<Stage>,
    size: u64,
    at: u64,
}

impl Following {
    pub(super) const fn new(file: Arc<File>, stage: watch::Receiver<Stage>, size: u64) -> Self {
        Self {
            file,
            stage,
            size,
            at: 0,
        }
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    ///
    /// [`Lost`] if the file does not become what it should be, or cannot be read.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Lost> {
        while self.at < self.size {
            let readable = match *self.stage.borrow_and_update() {
                Stage::Written(bytes) => bytes.min(self.size - 1),
                Stage::Verified => self.size,
                Stage::Failed => return Err(Lost::Incomplete),
                Stage::Wrong => return Err(Lost::Wrong),
            };
            if readable > self.at {
                return self.read(readable).await.map(Some);
            }
            if self.stage.changed().await.is_err() {
                // Whoever wrote it is gone without a word.
                return Err(Lost::Incomplete);
            }
        }
        Ok(None)
    }

    async fn read(&mut self, readable: u64) -> Result<Bytes, Lost> {
        let end = readable.min(self.at + READ_AT_ONCE);
        let (file, range) = (Arc::clone(&self.file), self.at..end);
        let read = tokio::task::spawn_blocking(move || read_exactly(&file, range)).await;
        let read = read.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        let bytes = read.map_err(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the image cache cannot read what it has written"
            );
            Lost::Incomplete
        })?;
        self.at = end;
        Ok(bytes)
    }
}

/// Waits for the work on a file.
#[derive(Debug, Clone)]
pub struct Waiting(watch::Receiver<Stage>);

impl Waiting {
    pub(super) const fn new(stage: watch::Receiver<Stage>) -> Self {
        Self(stage)
    }

    /// Ends with the work, whatever came of it.
    pub async fn ended(mut self) {
        // Who works on it may be gone, which is an end as well.
        let _ = self
            .0
            .wait_for(|stage| !matches!(stage, Stage::Written(_)))
            .await;
    }
}
