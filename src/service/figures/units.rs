//! Numbers and times as figures have them.

use std::time::Duration;

use crate::domain::Timestamp;

#[expect(
    clippy::cast_precision_loss,
    reason = "no queue has so many things that it matters"
)]
pub(super) const fn number(count: u64) -> f64 {
    count as f64
}

/// The seconds from `since` to `now`.
pub(super) fn age(since: Timestamp, now: Timestamp) -> f64 {
    let micros = now.as_micros().saturating_sub(since.as_micros()).max(0);
    Duration::from_micros(micros.unsigned_abs()).as_secs_f64()
}
