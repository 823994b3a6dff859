//! Figures of copies at rest, as the database knows them.

use metrics::{Unit, describe_gauge, gauge};

use super::units::{age, number};
use crate::{
    db::{DbError, QueuedChecks, Session},
    domain::{CopyState, Timestamp},
};

const UNVERIFIED: &str = "hallmark_unverified_images";
const UNSOUND: &str = "hallmark_unsound_copies";
const OLDEST_COPY: &str = "hallmark_scrub_oldest_age_seconds";
const CHECKS: &str = "hallmark_checks";
const OLDEST_CHECK: &str = "hallmark_checks_oldest_age_seconds";

/// The states that an operator wants to know of.
const STATES: [CopyState; 3] = [
    CopyState::Damaged,
    CopyState::Missing,
    CopyState::Unreadable,
];

/// What the database knows of copies at rest.
pub(super) struct AtRest {
    unverified: u64,
    unsound: Vec<(CopyState, u64)>,
    oldest: Option<Timestamp>,
    checks: QueuedChecks,
}

impl AtRest {
    /// Asks the database, at the time `now`.
    pub(super) async fn read(session: &mut Session, now: Timestamp) -> Result<Self, DbError> {
        Ok(Self {
            unverified: session.count_trusted_images().await?,
            unsound: session.count_unsound().await?,
            oldest: session.find_oldest_reading().await?,
            checks: session.count_checks(now).await?,
        })
    }
}

/// Says what the figures are.
pub(super) fn introduce() {
    describe_gauge!(
        UNVERIFIED,
        "Images that are usable although nobody has verified their bytes, by locations that are \
         taken at their word, in the whole deployment; 100000 stands for more"
    );
    describe_gauge!(
        UNSOUND,
        "Copies of images that were found not to be sound when they were read last, in the whole \
         deployment"
    );
    describe_gauge!(
        OLDEST_COPY,
        Unit::Seconds,
        "How long ago the copy was read that was not read for longest, in the whole deployment; 0 \
         if there is none"
    );
    describe_gauge!(
        CHECKS,
        "Copies that are to be read again, in the whole deployment; waiting: nobody has begun; \
         100000 stands for more"
    );
    describe_gauge!(
        OLDEST_CHECK,
        Unit::Seconds,
        "How long the one that waits longest has waited; 0 if there is none"
    );
}

/// Sets the figures at the time `now`; NaN if the database did not tell them.
pub(super) fn show(known: Option<&AtRest>, now: Timestamp) {
    let seconds = |since: Option<Timestamp>| since.map_or(0.0, |at| age(at, now));
    for state in STATES {
        let count = known.map_or(f64::NAN, |known| {
            let mut these = known.unsound.iter();
            let found = these.find(|(found, _)| *found == state);
            found.map_or(0.0, |(_, count)| number(*count))
        });
        gauge!(UNSOUND, "state" => state.as_str()).set(count);
    }
    let unverified = known.map(|known| known.unverified);
    gauge!(UNVERIFIED).set(unverified.map_or(f64::NAN, number));
    gauge!(OLDEST_COPY).set(known.map_or(f64::NAN, |known| seconds(known.oldest)));
    let checks = known.map(|known| known.checks);
    for (status, count) in [
        ("waiting", checks.map(|checks| checks.waiting)),
        ("running", checks.map(|checks| checks.running)),
    ] {
        gauge!(CHECKS, "status" => status).set(count.map_or(f64::NAN, number));
    }
    let oldest = checks.map_or(f64::NAN, |checks| seconds(checks.waiting_since));
    gauge!(OLDEST_CHECK).set(oldest);
}
