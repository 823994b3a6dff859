//! Which files of a folder are being written, as the kernel tells it.

use std::{collections::HashSet, ffi::OsString, io, path::Path};

use futures_util::StreamExt as _;
use inotify::{EventMask, EventOwned, EventStream, Inotify, WatchMask};

/// Room for a few hundred events at a time.
const BUFFER: usize = 16 * 1024;

/// Watches a folder.
pub(super) struct Watch {
    events: Option<EventStream<Vec<u8>>>,
    written: HashSet<OsString>,
}

impl Watch {
    /// Watches `folder`, as far as the system lets us: without it, files are found by looking now
    /// and then.
    pub(super) fn new(folder: &Path) -> Self {
        let events = watch(folder);
        if let Err(error) = &events {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "the folder of jobs cannot be watched; it is looked into now and then"
            );
        }
        Self {
            events: events.ok(),
            written: HashSet::new(),
        }
    }

    /// The files that somebody writes to, as far as is known.
    pub(super) fn written(&self) -> &HashSet<OsString> {
        &self.written
    }

    /// Waits until a file was closed or moved into the folder; for ever if that cannot be known.
    pub(super) async fn news(&mut self) {
        while let Some(events) = &mut self.events {
            match events.next().await {
                Some(Ok(event)) => {
                    if self.take(event) {
                        return;
                    }
                }
                Some(Err(_)) | None => self.events = None,
            }
        }
        std::future::pending::<()>().await;
    }

    /// Takes note of what happened; tells whether there may be a new document.
    fn take(&mut self, event: EventOwned) -> bool {
        if event.mask.contains(EventMask::Q_OVERFLOW) {
            self.written.clear();
            return true;
        }
        let Some(name) = event.name else {
            return false;
        };
        if event.mask.contains(EventMask::MODIFY) {
            self.written.insert(name);
            return false;
        }
        self.written.remove(&name);
        event
            .mask
            .intersects(EventMask::CLOSE_WRITE | EventMask::MOVED_TO)
    }
}

fn watch(folder: &Path) -> io::Result<EventStream<Vec<u8>>> {
    let inotify = Inotify::init()?;
    // A link alone (`ln`) creates and closes nothing, and is found by looking.
    let what = WatchMask::MODIFY
        | WatchMask::CLOSE_WRITE
        | WatchMask::MOVED_TO
        | WatchMask::MOVED_FROM
        | WatchMask::DELETE
        | WatchMask::ONLYDIR;
    inotify.watches().add(folder, what)?;
    inotify.into_event_stream(vec![0; BUFFER])
}
