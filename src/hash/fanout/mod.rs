//! Digests computed on threads of their own while the bytes go somewhere else.
//!
//! Each digest has an operating system thread, fed without copying through a bounded channel: one
//! stream is hashed by several algorithms at the speed of the slowest, and never blocks the
//! threads that serve requests.

mod reading;
mod tap;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

pub use self::tap::{Pending, Tapped};
use super::{HashError, Hasher, Hashers};
use crate::domain::{Algorithm, Digest};

/// Frames that may wait for one hash thread.
///
/// Enough to ride out the other threads' turns on the processor; more only holds more memory
/// (frames of an upload have up to 256 KiB).
const WAITING_FRAMES: usize = 4;

impl Hashers {
    /// Begins the digests of some bytes, one per algorithm; one asked for twice is computed once.
    ///
    /// Each digest gets a thread of its own. Once the threads of all streams together are twice
    /// as many as the processors, a further stream gets one thread for all its digests: more
    /// threads would only wait for each other.
    ///
    /// # Errors
    ///
    /// [`HashError::Unknown`] if one of `algorithms` is not implemented;
    /// [`HashError::NoThread`] if the system gives no thread.
    pub fn start(&self, algorithms: &[Algorithm]) -> Result<Running, HashError> {
        self.threads.spread(self.jobs(algorithms)?)
    }

    /// A job for each of `algorithms`; one asked for twice gets one.
    pub(super) fn jobs(&self, algorithms: &[Algorithm]) -> Result<Vec<Job>, HashError> {
        let mut jobs: Vec<Job> = Vec::with_capacity(algorithms.len());
        for algorithm in algorithms {
            if jobs.iter().all(|job| job.algorithm != *algorithm) {
                jobs.push(Job {
                    algorithm: algorithm.clone(),
                    hasher: self.hasher(algorithm)?,
                });
            }
        }
        Ok(jobs)
    }
}

/// Digests that wait for their bytes.
///
/// Dropped, its threads end.
#[derive(Debug)]
#[must_use = "digests are of no use without bytes"]
pub struct Running {
    lanes: Vec<Lane>,
}

/// The way to one hash thread.
#[derive(Debug)]
struct Lane {
    /// Carries the bytes; the thread takes its closing for their end.
    frames: mpsc::Sender<Bytes>,
    /// Gives what the thread computed, or closes if it panicked.
    digests: oneshot::Receiver<Vec<Digest>>,
}

/// One digest to compute.
pub(super) struct Job {
    algorithm: Algorithm,
    hasher: Box<dyn Hasher>,
}

impl Job {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    pub(super) fn finish(self) -> Digest {
        Digest::new(self.algorithm, &self.hasher.finish())
    }
}

/// The hash threads of all streams.
#[derive(Debug)]
pub(super) struct Threads {
    live: Arc<AtomicUsize>,
    /// How many may live before a stream's digests have to share one. Streams that start in the
    /// same instant may exceed it a little, and a stream always gets one thread.
    limit: usize,
}

impl Threads {
    /// As many as keep this machine's processors busy.
    pub(super) fn for_this_machine() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self::limited_to(2 * processors)
    }

    fn limited_to(limit: usize) -> Self {
        Self {
            live: Arc::default(),
            limit,
        }
    }

    /// Starts `jobs` on a thread each if there is room for that, else on one for all.
    fn spread(&self, jobs: Vec<Job>) -> Result<Running, HashError> {
        let room = self.limit.saturating_sub(self.live.load(Ordering::Relaxed));
        let lanes = if jobs.len() <= room {
            jobs.into_iter()
                .map(|job| self.spawn(vec![job]))
                .collect::<Result<_, _>>()?
        } else {
            vec![self.spawn(jobs)?]
        };
        Ok(Running { lanes })
    }

    fn spawn(&self, jobs: Vec<Job>) -> Result<Lane, HashError> {
        let (frames, incoming) = mpsc::channel(WAITING_FRAMES);
        let (done, digests) = oneshot::channel();
        let name = match jobs.as_slice() {
            [job] => format!("hash-{}", job.algorithm),
            _ => "hash-shared".to_owned(),
        };
        let slot = Slot::taken(&self.live);
        thread::Builder::new()
            .name(name)
            .spawn(move || {
                let digests = hash(incoming, jobs);
                drop(slot);
                // Whoever asked may have gone; then nobody misses the digests.
                let _ = done.send(digests);
            })
            .map_err(HashError::NoThread)?;
        Ok(Lane { frames, digests })
    }
}

/// One live thread, counted until it ends in whatever way.
struct Slot(Arc<AtomicUsize>);

impl Slot {
    fn taken(live: &Arc<AtomicUsize>) -> Self {
        live.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(live))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The work of a hash thread.
fn hash(mut frames: mpsc::Receiver<Bytes>, mut jobs: Vec<Job>) -> Vec<Digest> {
    while let Some(frame) = frames.blocking_recv() {
        for job in &mut jobs {
            job.update(&frame);
        }
    }
    jobs.into_iter().map(Job::finish).collect()
}
