//! A limit of bytes in a second, over all streams that share it.

use std::{
    num::NonZeroU64,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::StreamExt as _;

use crate::stream::Outgoing;

/// How many bytes may pass in a second, over all streams together.
#[derive(Debug)]
pub struct Pace {
    /// None: as many as there are.
    rate: Option<NonZeroU64>,
    begun: Instant,
    schedule: Mutex<Schedule>,
}

impl Pace {
    /// At most `rate` bytes in a second; without one, any number.
    #[must_use]
    pub fn new(rate: Option<NonZeroU64>) -> Self {
        Self {
            rate,
            begun: Instant::now(),
            schedule: Mutex::default(),
        }
    }

    /// How long `bytes` have to wait, if they want to pass now.
    fn wait(&self, bytes: u64) -> Duration {
        let Some(rate) = self.rate else {
            return Duration::ZERO;
        };
        let mut schedule = self.schedule.lock().unwrap_or_else(PoisonError::into_inner);
        schedule.take(self.begun.elapsed(), cost(bytes, rate))
    }
}

/// How long `bytes` take at this rate.
fn cost(bytes: u64, rate: NonZeroU64) -> Duration {
    let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate.get());
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// When the next bytes may pass. Each pays with the time that it keeps the others from passing, so
/// that time in which nothing passed is not made up for.
#[derive(Debug, Default)]
struct Schedule {
    free_at: Duration,
}

impl Schedule {
    /// Takes the next place, which `cost` long nobody else gets, and tells how far off it is.
    fn take(&mut self, now: Duration, cost: Duration) -> Duration {
        let start = self.free_at.max(now);
        self.free_at = start.saturating_add(cost);
        start.saturating_sub(now)
    }
}

/// Passes `source` on as fast as `pace` allows.
#[must_use]
pub fn paced(source: Outgoing, pace: Arc<Pace>) -> Outgoing {
    Box::pin(source.then(move |frame| {
        let wait = frame
            .as_ref()
            .map_or(Duration::ZERO, |bytes| pace.wait(bytes.len() as u64));
        async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            frame
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: NonZeroU64 = NonZeroU64::new(1000).expect("not zero");

    fn after(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn streams_together_get_no_more_than_the_rate() {
        let mut schedule = Schedule::default();
        // Two streams, each of which goes on as soon as it may: a clock each.
        let mut clocks = [Duration::ZERO; 2];
        for turn in 0..40 {
            let clock = &mut clocks[turn % 2];
            *clock += schedule.take(*clock, cost(100, RATE));
        }
        // 40 frames of 100 bytes: all but the last are paid for.
        assert_eq!(clocks.into_iter().max(), Some(after(3900)));
    }

    #[test]
    fn time_in_which_nothing_passed_is_not_made_up_for() {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.take(after(0), after(100)), after(0));
        assert_eq!(schedule.take(after(60_000), after(100)), after(0));
        assert_eq!(schedule.take(after(60_000), after(100)), after(100));
    }

    #[test]
    fn a_frame_larger_than_the_rate_makes_the_next_one_wait() {
        assert_eq!(cost(5000, RATE), after(5000));
        let pace = Pace::new(Some(RATE));
        assert_eq!(pace.wait(5000), after(0));
        assert!(pace.wait(1) > after(4000));
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        let pace = Pace::new(None);
        pace.wait(u64::MAX);
        assert_eq!(pace.wait(u64::MAX), after(0));
    }
}
