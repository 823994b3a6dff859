//! What the image cache gives.

use metrics::{Unit, counter, describe_counter};

use crate::cache;

const DOWNLOADS: &str = "hallmark_cache_downloads_total";
const GIVEN: &str = "hallmark_cache_sent_bytes_total";

/// From where a download gets its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum Answered {
    /// From the cache.
    Hit,
    /// From a file that another download puts into the cache.
    Joined,
    /// From a file that it puts into the cache itself.
    Filled,
    /// From a store, past the cache.
    Passed,
}

impl Answered {
    const ALL: [Self; 4] = [Self::Hit, Self::Joined, Self::Filled, Self::Passed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Joined => "joined",
            Self::Filled => "filled",
            Self::Passed => "passed",
        }
    }
}

/// Counts a download.
pub(in crate::service) fn note_answered(answered: Answered) {
    counter!(DOWNLOADS, "result" => answered.as_str()).increment(1);
}

/// Counts `bytes` that a client got of a file of the cache.
pub(in crate::service) fn note_given(bytes: u64) {
    counter!(GIVEN).increment(bytes);
}

/// Says what the figures are, and shows them from the start.
pub(super) fn introduce() {
    describe_counter!(
        DOWNLOADS,
        "Downloads, by where they got their bytes: hit, from the cache; joined, from what another \
         download put into it; filled, from what they put into it themselves; passed, from a store"
    );
    describe_counter!(
        GIVEN,
        Unit::Bytes,
        "Bytes of images that clients got of files of the cache"
    );
    for answered in Answered::ALL {
        counter!(DOWNLOADS, "result" => answered.as_str()).increment(0);
    }
    cache::introduce_figures();
}
