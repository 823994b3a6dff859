//! Work on many things by all processors, whose results are taken in the things' order.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{self, TryRecvError},
    },
    thread,
};

use crate::hash::Effort;

/// How many things may be begun before the first of them is done: a large file at the start does
/// not stop the work on the others, whose results wait.
const WINDOW: usize = 4096;

/// What whoever takes the results is told.
#[derive(Debug)]
pub(in crate::cli) enum Step<R> {
    /// The next result.
    Ready(R),
    /// The next result will take its time: now is when to show what there is.
    Waiting,
}

/// Calls `work` with each of `items` on as many threads as there are processors, and `take` on
/// this thread with the results, in the order of the items.
///
/// Items are asked for one after the other, a few before they are needed. When fewer items than
/// processors are left, the work on each may use many threads.
///
/// # Errors
///
/// What `take` fails with; then no further work begins.
///
/// # Panics
///
/// If `work` does.
pub(in crate::cli) fn in_order<T: Send, R: Send>(
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T, Effort) -> R + Sync,
    take: impl FnMut(Step<R>) -> io::Result<()>,
) -> io::Result<()> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let queue = Queue::new(items.fuse(), processors);
    let (results, finished) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..queue.known().min(processors) {
            let (queue, work, results) = (&queue, &work, results.clone());
            scope.spawn(move || {
                let _end = EndsTheWork(queue);
                while let Some((place, item, effort)) = queue.claim() {
                    if results.send((place, work(item, effort))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(results);
        let outcome = take_in_order(&queue, &finished, take);
        if outcome.is_err() {
            queue.stop();
        }
        outcome
    })
}

/// Gives the results to `take`, each when all before it have been given.
fn take_in_order<T, R>(
    queue: &Queue<impl Iterator<Item = T>>,
    finished: &mpsc::Receiver<(usize, R)>,
    mut take: impl FnMut(Step<R>) -> io::Result<()>,
) -> io::Result<()> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    loop {
        let (place, result) = match finished.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Disconnected) => return take(Step::Waiting),
            Err(TryRecvError::Empty) => {
                take(Step::Waiting)?;
                match finished.recv() {
                    Ok(result) => result,
                    Err(_) => return Ok(()),
                }
            }
        };
        early.insert(place, result);
        while let Some(result) = early.remove(&next) {
            take(Step::Ready(result))?;
            next += 1;
        }
        queue.taken(next);
    }
}

/// The items that nobody works on yet.
struct Queue<I: Iterator> {
    state: Mutex<State<I>>,
    /// Told when an item may be claimed, or none ever again.
    room: Condvar,
    processors: usize,
}

struct State<I: Iterator> {
    items: I,
    /// Items that are known to be there.
    ahead: VecDeque<I::Item>,
    claimed: usize,
    taken: usize,
    stopped: bool,
}

impl<I: Iterator> Queue<I> {
    fn new(mut items: I, processors: usize) -> Self {
        let state = State {
            ahead: items.by_ref().take(processors).collect(),
            items,
            claimed: 0,
            taken: 0,
            stopped: false,
        };
        Self {
            state: Mutex::new(state),
            room: Condvar::new(),
            processors,
        }
    }

    fn known(&self) -> usize {
        self.lock().ahead.len()
    }

    /// The next item, its place, and how much may be done for it.
    fn claim(&self) -> Option<(usize, I::Item, Effort)> {
        let full = |state: &mut State<I>| !state.stopped && state.claimed >= state.taken + WINDOW;
        let mut state = self
            .room
            .wait_while(self.lock(), full)
            .unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return None;
        }
        let item = state.ahead.pop_front()?;
        if let Some(next) = state.items.next() {
            state.ahead.push_back(next);
        }
        let effort = if state.ahead.len() + 1 < self.processors {
            Effort::ManyThreads
        } else {
            Effort::OneThread
        };
        let place = state.claimed;
        state.claimed += 1;
        Some((place, item, effort))
    }

    fn taken(&self, count: usize) {
        self.lock().taken = count;
        self.room.notify_all();
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.room.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<I>> {
        // Somebody who panicked left at worst one item less.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops the others when a thread panics, lest they wait for its result.
struct EndsTheWork<'a, I: Iterator>(&'a Queue<I>);

impl<I: Iterator> Drop for EndsTheWork<'_, I> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_however_long_each_takes() {
        let mut taken = Vec::new();
        let work = |item: u64, _| {
            // The earlier ones of ten take longer.
            (0..(10 - item % 10) * 1000).fold(item, |item, _| std::hint::black_box(item))
        };
        in_order(0..10_000, work, |step| {
            if let Step::Ready(item) = step {
                taken.push(item);
            }
            Ok(())
        })
        .expect("taken");
        assert!(taken.into_iter().eq(0..10_000));
    }

    #[test]
    fn no_work_begins_once_results_are_not_wanted_any_more() {
        let begun = AtomicUsize::new(0);
        let work = |_, _| begun.fetch_add(1, Ordering::Relaxed);
        let outcome = in_order(
            0..1_000_000,
            work,
            |_| Err(io::ErrorKind::BrokenPipe.into()),
        );
        assert!(outcome.is_err());
        assert!(begun.into_inner() <= WINDOW + 64);
    }

    #[test]
    fn a_thread_that_panics_ends_the_work() {
        let outcome = std::panic::catch_unwind(|| {
            let work = |item: usize, _| assert!(item > 0, "out of order");
            in_order(0..10 * WINDOW, work, |_| Ok(()))
        });
        assert!(outcome.is_err());
    }

    #[test]
    fn a_single_item_may_use_many_threads_where_there_are_many() {
        let many = thread::available_parallelism().map_or(1, usize::from) > 1;
        let mut efforts = Vec::new();
        in_order(
            0..1,
            |_, effort| effort,
            |step| {
                if let Step::Ready(effort) = step {
                    efforts.push(effort);
                }
                Ok(())
            },
        )
        .expect("taken");
        let expected = if many {
            Effort::ManyThreads
        } else {
            Effort::OneThread
        };
        assert_eq!(efforts, [expected]);
    }
}
