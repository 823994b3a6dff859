//! How copies are kept sound while they lie in their stores.

use std::{num::NonZeroU64, time::Duration};

use crate::{
    config::sections::Verification,
    service::{AtRest, OnDamage},
};

/// The settings of copies at rest that `[verification]` gives.
pub(super) fn settings(section: &Verification) -> AtRest {
    let days = u64::from(section.scrub_age);
    AtRest {
        on_damage: match section.on_damage.as_str() {
            "quarantine" => OnDamage::Quarantine,
            "heal" => OnDamage::Heal,
            _ => OnDamage::Report,
        },
        verify_reads: section.verify_reads,
        scrub_age: (days > 0).then(|| Duration::from_hours(24 * days)),
        rate: NonZeroU64::new(u64::from(section.scrub_rate) << 20),
    }
}
