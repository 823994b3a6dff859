//! Images that were read lately, as files on this machine: for stores that are far away.
//!
//! A file is named by the digest of its bytes ([`Key`]), and only bytes that are
//! [`Verified`](crate::domain::Verified) to have it get into its place. It is written aside once,
//! however many want it ([`Filling`]), and they all read it meanwhile ([`Following`]): nobody
//! waits for anybody but the source. What an earlier process has left is read once before its
//! first use ([`Verification`]), and again if the file is not the same any more.
//!
//! The files never have more bytes together than they may, those being written among them: what
//! was not used for longest makes room. Nothing here knows who may read what: who asks has been
//! let in.

mod filling;
mod folder;
mod following;
mod index;
mod key;
mod meters;
mod settings;
#[cfg(test)]
mod tests;
mod verification;

use std::{
    fs::File,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

pub use self::{
    filling::Filling,
    following::{Following, Lost, Waiting},
    index::{Note, Pruned},
    key::Key,
    meters::introduce_figures,
    settings::Settings,
    verification::Verification,
};
use self::{
    folder::{Folder, Identity},
    following::Stage,
    index::{Index, Work},
};
use crate::domain::Timestamp;

/// The cache of this process.
#[derive(Debug, Clone)]
pub struct ImageCache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: Folder,
    max_size: u64,
    stall_time: Duration,
    index: Mutex<Index>,
}

/// What the cache has of an image.
#[derive(Debug)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// All of it, known to be right.
    Whole(Arc<File>),
    /// A file that is being written.
    Filling(Following),
    /// A file that somebody reads, to see whether it is right.
    Verifying(Waiting),
    /// A file that must be read, to see whether it is right.
    Unverified(Verification),
}

impl Inner {
    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ImageCache {
    /// Takes the folder, making it if it is missing. What another process has not finished goes.
    ///
    /// # Errors
    ///
    /// What the file system says; [`io::ErrorKind::ResourceBusy`] if another process uses it.
    pub fn open(settings: &Settings) -> io::Result<Self> {
        let folder = Folder::open(&settings.folder)?;
        let mut index = Index::default();
        for old in folder.list()? {
            index.add(old.key, old.size, old.modified, None);
        }
        let cache = Self(Arc::new(Inner {
            folder,
            max_size: settings.max_size,
            stall_time: settings.stall_time,
            index: Mutex::new(index),
        }));
        cache.prune_now();
        Ok(cache)
    }

    /// What there is of the image of `size` bytes whose key is `key`.
    pub async fn find(&self, key: &Key, size: u64) -> Found {
        let trusted = {
            let index = self.0.index();
            if let Some(work) = index.work(key) {
                return work.into();
            }
            if !index.has(key) {
                return Found::Nothing;
            }
            index.trusted(key)
        };
        let (cache, key) = (self.clone(), key.clone());
        let looked = move || match cache.0.folder.find(&key) {
            Ok((file, identity)) if identity.size == size => match trusted {
                Some(trusted) if trusted == identity => Found::Whole(Arc::new(file)),
                _ => cache.begin_to_verify(key, Arc::new(file), identity),
            },
            // It is what it should be; whoever asks for another size asks for something else.
            Ok((_, identity)) if trusted == Some(identity) => Found::Nothing,
            Ok(_) => {
                meters::note_discarded();
                cache.remove_now(&key);
                Found::Nothing
            }
            Err(error) => {
                if error.kind() == io::ErrorKind::NotFound {
                    cache.remove_now(&key);
                }
                tracing::warn!(
                    file = %key,
                    error = &error as &dyn std::error::Error,
                    "a file of the image cache cannot be opened"
                );
                Found::Nothing
            }
        };
        let looked = tokio::task::spawn_blocking(looked).await;
        looked.unwrap_or(Found::Nothing)
    }

    fn begin_to_verify(&self, key: Key, file: Arc<File>, identity: Identity) -> Found {
        let (stage, stages) = watch::channel(Stage::Written(0));
        let work = Work::Verifying(Waiting::new(stages));
        match self.0.index().begin(&key, work) {
            Ok(()) => {}
            Err(there) => return there.into(),
        }
        let verification = Verification::new(&self.0, key, file, identity, stage);
        Found::Unverified(verification)
    }

    /// Whether an image of `size` bytes would have room if nothing else were there.
    #[must_use]
    pub fn could_hold(&self, size: u64) -> bool {
        (1..=self.0.max_size).contains(&size)
    }

    /// Begins to put an image of `size` bytes into the cache: who gets a [`Filling`] has to do it.
    /// None if there is no room, or nothing can be written.
    pub async fn begin(&self, key: &Key, size: u64) -> Option<(Option<Filling>, Following)> {
        let (inner, key) = (Arc::clone(&self.0), key.clone());
        let begun = tokio::task::spawn_blocking(move || Filling::begin(&inner, &key, size));
        let begun = begun
            .await
            .unwrap_or_else(|panic| Err(io::Error::other(panic)));
        begun.unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the image cache cannot be written to"
            );
            None
        })
    }

    /// Takes note of what happened to an image.
    pub fn note(&self, note: Note) {
        self.0.index().note(note);
    }

    /// Gives away what was noted since this was called last.
    #[must_use]
    pub fn take_notes(&self) -> Vec<Note> {
        self.0.index().take_notes()
    }

    /// The file was used at that time.
    pub fn touch(&self, key: &Key, at: Timestamp) {
        self.0.index().touch(key, at);
    }

    /// Whether the file is there and whole.
    #[must_use]
    pub fn has(&self, key: &Key) -> bool {
        self.0.index().has(key)
    }

    /// The keys of all whole files, in no order.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        self.0.index().keys()
    }

    /// Removes files; those that are not there are none.
    pub async fn remove(&self, keys: Vec<Key>) {
        let cache = self.clone();
        let removed = tokio::task::spawn_blocking(move || {
            for key in keys {
                cache.remove_now(&key);
            }
        });
        // What a panic left is still known, and removed another time.
        let _ = removed.await;
    }

    fn remove_now(&self, key: &Key) {
        let removed = self.0.index().remove(&self.0.folder, key);
        // Bytes go here, without the lock.
        drop(removed);
    }

    /// Removes what was not used for longest, until the rest is no larger than it may be.
    pub async fn prune(&self) -> Pruned {
        let cache = self.clone();
        let pruned = tokio::task::spawn_blocking(move || cache.prune_now()).await;
        pruned.unwrap_or_default()
    }

    fn prune_now(&self) -> Pruned {
        let mut index = self.0.index();
        let (pruned, evicted) = index.make_room(&self.0.folder, 0, self.0.max_size);
        meters::note_size(index.size());
        drop(index);
        meters::note_pruned(pruned);
        drop(evicted);
        pruned
    }
}

impl From<Work> for Found {
    fn from(work: Work) -> Self {
        match work {
            Work::Filling(following) => Self::Filling(following),
            Work::Verifying(waiting) => Self::Verifying(waiting),
        }
    }
}
