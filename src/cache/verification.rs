//! Reading a file that an earlier process has left, before it is trusted.

use std::{fs::File, sync::Arc};

use tokio::sync::watch;

use crate::{
    cache::{
        Inner,
        folder::Identity,
        following::{Stage, Waiting},
        key::Key,
        meters,
    },
    domain::Verified,
    stream::{self, Outgoing},
};

/// A file that is there and was not read since the start. Dropped, it is left for the next who
/// wants it.
#[derive(Debug)]
pub struct Verification {
    inner: Arc<Inner>,
    key: Key,
    file: Arc<File>,
    identity: Identity,
    stage: watch::Sender<Stage>,
    end: Stage,
}

impl Verification {
    pub(super) fn new(
        inner: &Arc<Inner>,
        key: Key,
        file: Arc<File>,
        identity: Identity,
        stage: watch::Sender<Stage>,
    ) -> Self {
        Self {
            inner: Arc::clone(inner),
            key,
            file,
            identity,
            stage,
            end: Stage::Failed,
        }
    }

    /// Ends with it.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        Waiting::new(self.stage.subscribe())
    }

    /// All bytes of the file.
    #[must_use]
    pub fn read(&self) -> Outgoing {
        stream::read_file(Arc::clone(&self.file), 0..self.identity.size)
    }

    /// The bytes were `verified` to be what the key says: as long as the file is the same, it is
    /// read no more.
    pub fn trust(mut self, verified: &Verified) {
        if verified.size() == self.identity.size {
            self.inner.index().trust(&self.key, self.identity);
            self.end = Stage::Verified;
        }
    }

    /// They are something else, or cannot be read: the file goes.
    pub async fn discard(mut self) {
        self.end = Stage::Wrong;
        meters::note_discarded();
        let discarded = tokio::task::spawn_blocking(move || {
            let removed = self.inner.index().remove(&self.inner.folder, &self.key);
            drop(removed);
        });
        // If it panicked, the file is not trusted all the same.
        let _ = discarded.await;
    }
}

impl Drop for Verification {
    fn drop(&mut self) {
        self.inner.index().end(&self.key);
        self.stage.send_replace(self.end);
    }
}
