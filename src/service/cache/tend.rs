//! Keeping this node's cache and what is known of it together.

use std::collections::HashSet;

use crate::{
    cache::{ImageCache, Key, Note},
    db::CacheNote,
    domain::CachedImage,
    service::{Core, NodeCache, ServiceError},
};

impl Core {
    /// Writes down what happened in the cache, removes files that no image needs and rows without
    /// files, and makes room. Where there is no cache it does nothing.
    pub(in crate::service) async fn tend_cache(&self) -> Result<(), ServiceError> {
        let Some(cache) = &self.parts.cache else {
            return Ok(());
        };
        let _tending = cache.tending.lock().await;
        // A file that comes in from here on has a note that may be written down too late for this
        // look.
        let files = cache.files.keys();
        self.write_down(cache).await?;
        let mut needed = HashSet::new();
        for row in self.cached_rows(cache).await? {
            match key_of(&row).filter(|key| row.about.is_some() && cache.files.has(key)) {
                Some(key) => {
                    // A file that an earlier process has left does not know when it was used.
                    cache.files.touch(&key, row.used_at);
                    needed.insert(key);
                }
                None => self.forget_row(cache, &row).await?,
            }
        }
        let unneeded = files.into_iter().filter(|key| !needed.contains(key));
        cache.files.remove(unneeded.collect()).await;
        cache.files.prune().await;
        Ok(())
    }

    /// Writes down what happened in the cache since this was done last.
    pub(in crate::service) async fn write_notes(
        &self,
        cache: &NodeCache,
    ) -> Result<(), ServiceError> {
        let _tending = cache.tending.lock().await;
        self.write_down(cache).await
    }

    async fn write_down(&self, cache: &NodeCache) -> Result<(), ServiceError> {
        let notes = cache.files.take_notes();
        if notes.is_empty() {
            return Ok(());
        }
        let written = self.write(&cache.node, &notes).await;
        if written.is_err() {
            give_back(&cache.files, notes);
        }
        written
    }

    async fn write(&self, node: &str, notes: &[Note]) -> Result<(), ServiceError> {
        let mut tx = self.parts.db.begin().await?;
        for noted in notes {
            let event = CacheNote {
                image: noted.image,
                file: noted.key.name(),
                hits: noted.hits,
                cached_at: noted.cached_at,
                used_at: noted.used_at,
            };
            tx.note_cached(node, event).await?;
        }
        Ok(tx.commit().await?)
    }

    /// What is written down of this node's cache.
    pub(super) async fn cached_rows(
        &self,
        cache: &NodeCache,
    ) -> Result<Vec<CachedImage>, ServiceError> {
        let mut session = self.parts.db.read().await?;
        Ok(session.list_cached(&cache.node).await?)
    }

    async fn forget_row(&self, cache: &NodeCache, row: &CachedImage) -> Result<(), ServiceError> {
        let mut tx = self.parts.db.begin().await?;
        tx.remove_cached(&cache.node, row.image).await?;
        Ok(tx.commit().await?)
    }
}

/// The file that a row is about.
pub(super) fn key_of(row: &CachedImage) -> Option<Key> {
    Key::from_name(&row.file)
}

/// They are written down another time.
fn give_back(cache: &ImageCache, notes: Vec<Note>) {
    for note in notes {
        cache.note(note);
    }
}
