//! What the cache knows of its files: which there are, what is done with them, who used them.

use std::collections::{HashMap, hash_map::Entry};

use crate::{
    cache::{
        folder::{Aside, Folder, Identity},
        following::{Following, Waiting},
        key::Key,
    },
    domain::{ImageId, Timestamp},
};

/// A whole file.
#[derive(Debug)]
struct Kept {
    size: u64,
    used: Timestamp,
    /// What it was when its digest was read; none: it was not since the start.
    trusted: Option<Identity>,
}

/// What is being done with a file.
#[derive(Debug, Clone)]
pub(super) enum Work {
    /// It is being written.
    Filling(Following),
    /// Its digest is being read.
    Verifying(Waiting),
}

/// That an image's bytes were put into the cache or given out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The image.
    pub image: ImageId,
    /// The file that has its bytes.
    pub key: Key,
    /// How often they were given out of the cache.
    pub hits: u64,
    /// When they were put into it, if they were.
    pub cached_at: Option<Timestamp>,
    /// When they were used last.
    pub used_at: Timestamp,
}

/// What was taken out to make room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many files.
    pub files: u64,
    /// How many bytes they had.
    pub bytes: u64,
}

/// Files that are out of their places, and go when this is dropped.
pub(super) type Evicted = Vec<Aside>;

/// What the cache knows of its files.
#[derive(Debug, Default)]
pub(super) struct Index {
    files: HashMap<Key, Kept>,
    work: HashMap<Key, Work>,
    /// The bytes of whole files, and those that are promised to files that are being written.
    bytes: u64,
    promised: u64,
    notes: HashMap<ImageId, Note>,
}

impl Index {
    /// Adds a whole file, in the place of what had its key.
    pub(super) fn add(&mut self, key: Key, size: u64, used: Timestamp, trusted: Option<Identity>) {
        self.forget(&key);
        self.bytes += size;
        let kept = Kept {
            size,
            used,
            trusted,
        };
        self.files.insert(key, kept);
    }

    fn forget(&mut self, key: &Key) -> Option<u64> {
        let kept = self.files.remove(key)?;
        self.bytes -= kept.size;
        Some(kept.size)
    }

    pub(super) fn has(&self, key: &Key) -> bool {
        self.files.contains_key(key)
    }

    /// What is being done with the file of `key`.
    pub(super) fn work(&self, key: &Key) -> Option<Work> {
        self.work.get(key).cloned()
    }

    /// Begins to work on the file of `key`, unless somebody does already.
    pub(super) fn begin(&mut self, key: &Key, work: Work) -> Result<(), Work> {
        match self.work.entry(key.clone()) {
            Entry::Occupied(there) => Err(there.get().clone()),
            Entry::Vacant(place) => {
                if let Work::Filling(following) = &work {
                    self.promised += following.size();
                }
                place.insert(work);
                Ok(())
            }
        }
    }

    /// Nobody works on the file of `key` any more.
    pub(super) fn end(&mut self, key: &Key) {
        if let Some(Work::Filling(following)) = self.work.remove(key) {
            self.promised -= following.size();
        }
    }

    /// What the file was when its digest was read, if it was since the start.
    pub(super) fn trusted(&self, key: &Key) -> Option<Identity> {
        self.files.get(key).and_then(|kept| kept.trusted)
    }

    /// The file was read, and is what its key says.
    pub(super) fn trust(&mut self, key: &Key, identity: Identity) {
        if let Some(kept) = self.files.get_mut(key) {
            kept.trusted = Some(identity);
        }
    }

    /// The file was used.
    pub(super) fn touch(&mut self, key: &Key, at: Timestamp) {
        if let Some(kept) = self.files.get_mut(key) {
            kept.used = kept.used.max(at);
        }
    }

    /// Takes the file out.
    pub(super) fn remove(&mut self, folder: &Folder, key: &Key) -> Option<(u64, Option<Aside>)> {
        let size = self.forget(key)?;
        Some((size, folder.take_out(key)))
    }

    /// Whether `size` bytes would have room if every whole file went.
    pub(super) fn could_hold(&self, size: u64, max: u64) -> bool {
        self.promised
            .checked_add(size)
            .is_some_and(|all| all <= max)
    }

    /// Takes the files out that were not used for longest, until `more` bytes have room.
    pub(super) fn make_room(&mut self, folder: &Folder, more: u64, max: u64) -> (Pruned, Evicted) {
        let over = |index: &Self| {
            let all = index.bytes.saturating_add(index.promised);
            all.saturating_add(more) > max
        };
        let (mut pruned, mut evicted) = (Pruned::default(), Evicted::new());
        if !over(self) {
            return (pruned, evicted);
        }
        let mut oldest: Vec<_> = self.files.iter().map(|(key, it)| (it.used, key)).collect();
        oldest.sort_unstable();
        let oldest: Vec<_> = oldest.into_iter().map(|(_, key)| key.clone()).collect();
        for key in oldest {
            if !over(self) {
                break;
            }
            if let Some((size, aside)) = self.remove(folder, &key) {
                pruned.files += 1;
                pruned.bytes += size;
                evicted.extend(aside);
            }
        }
        (pruned, evicted)
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.files.keys().cloned().collect()
    }

    /// How many whole files there are, and how many bytes they have.
    pub(super) fn size(&self) -> (usize, u64) {
        (self.files.len(), self.bytes)
    }

    /// Takes note of what happened to an image, together with what is noted already.
    pub(super) fn note(&mut self, note: Note) {
        self.touch(&note.key, note.used_at);
        match self.notes.entry(note.image) {
            Entry::Vacant(place) => {
                place.insert(note);
            }
            Entry::Occupied(mut there) => {
                let there = there.get_mut();
                there.hits += note.hits;
                there.cached_at = there.cached_at.max(note.cached_at);
                if note.used_at >= there.used_at {
                    there.used_at = note.used_at;
                    there.key = note.key;
                }
            }
        }
    }

    /// Gives the notes away, in the order of the images. Those about a file that is being written
    /// stay until it is whole, and those about a file that did not become whole are gone.
    pub(super) fn take_notes(&mut self) -> Vec<Note> {
        let (mut taken, mut kept) = (Vec::new(), HashMap::new());
        for (image, note) in self.notes.drain() {
            if self.files.contains_key(&note.key) {
                taken.push(note);
            } else if self.work.contains_key(&note.key) {
                kept.insert(image, note);
            }
        }
        self.notes = kept;
        taken.sort_by_key(|note| note.image);
        taken
    }
}
