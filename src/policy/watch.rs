//! Content that is read from files, and read again when they change.

use std::{
    error::Error,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use crate::domain::Clock;

use super::{
    PolicyError,
    sources::{Seen, Sources},
};

/// How long the files are taken to be unchanged, in microseconds.
const LOOK_EVERY: u64 = 1_000_000;

/// The last good content of files.
///
/// - The files are looked at at most once a second and read again if they changed; the look is a
///   few system calls in the caller's thread.
/// - Files that became unusable leave the last good content in force, which is logged once.
pub(super) struct Watched<T> {
    /// What the files are, for the log.
    what: &'static str,
    content: RwLock<Arc<T>>,
    sources: Sources,
    /// What the last look found; nothing if it found something that cannot be looked at.
    seen: Mutex<Option<Vec<Seen>>>,
    /// When the last look was, in microseconds since the epoch.
    looked: AtomicI64,
    clock: Arc<dyn Clock>,
}

impl<T> Watched<T> {
    /// Reads the files of `sources` for the first time.
    ///
    /// # Errors
    ///
    /// What `read` says, or [`PolicyError::Unreadable`].
    pub(super) fn open(
        what: &'static str,
        sources: Sources,
        clock: Arc<dyn Clock>,
        read: impl FnOnce(&[Seen]) -> Result<T, PolicyError>,
    ) -> Result<Self, PolicyError> {
        let looked = clock.now().as_micros();
        let seen = sources.look()?;
        let content = read(&seen)?;
        Ok(Self {
            what,
            content: RwLock::new(Arc::new(content)),
            sources,
            seen: Mutex::new(Some(seen)),
            looked: AtomicI64::new(looked),
            clock,
        })
    }

    /// The content in force, after a look at the files if one is due; `read` as at the start.
    pub(super) fn current(&self, read: impl FnOnce(&[Seen]) -> Result<T, PolicyError>) -> Arc<T> {
        if self.look_is_due() {
            self.refresh(read);
        }
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&content)
    }

    /// The clock that the looks go by.
    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Whether a look is due; says so to one of those who ask at the same time.
    fn look_is_due(&self) -> bool {
        let now = self.clock.now().as_micros();
        let last = self.looked.load(Ordering::Relaxed);
        // A clock that was set back is no reason to wait.
        let due = now.abs_diff(last) >= LOOK_EVERY;
        let (order, miss) = (Ordering::Relaxed, Ordering::Relaxed);
        due && self.looked.compare_exchange(last, now, order, miss).is_ok()
    }

    /// Reads the files again if they are not as they were.
    fn refresh(&self, read: impl FnOnce(&[Seen]) -> Result<T, PolicyError>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let look = self.sources.look();
        if *seen == look.as_ref().ok().cloned() {
            return;
        }
        *seen = look.as_ref().ok().cloned();
        match look.and_then(|files| read(&files)) {
            Ok(content) => {
                *self.content.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(content);
                tracing::info!("{} changed; they are in force as they are now", self.what);
            }
            Err(error) => tracing::error!(
                error = &error as &dyn Error,
                "{} changed and cannot be used; the last good ones stay in force",
                self.what
            ),
        }
    }
}
