//! Figures of the cache.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

use crate::cache::index::Pruned;

const FILLS: &str = "hallmark_cache_fills_total";
const PRUNED_FILES: &str = "hallmark_cache_pruned_files_total";
const PRUNED_BYTES: &str = "hallmark_cache_pruned_bytes_total";
const DISCARDED: &str = "hallmark_cache_discarded_files_total";
const FILES: &str = "hallmark_cache_files";
const BYTES: &str = "hallmark_cache_bytes";

/// What came of writing a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// It is kept.
    Kept,
    /// Its source broke off, or it could not be written.
    Failed,
    /// What came was not what it should be.
    Wrong,
}

impl Fill {
    const ALL: [Self; 3] = [Self::Kept, Self::Failed, Self::Wrong];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Failed => "failed",
            Self::Wrong => "wrong",
        }
    }
}

pub(super) fn note_fill(fill: Fill) {
    counter!(FILLS, "result" => fill.as_str()).increment(1);
}

pub(super) fn note_pruned(pruned: Pruned) {
    if pruned.files > 0 {
        counter!(PRUNED_FILES).increment(pruned.files);
        counter!(PRUNED_BYTES).increment(pruned.bytes);
    }
}

pub(super) fn note_discarded() {
    counter!(DISCARDED).increment(1);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; nobody reads the last byte of petabytes off it"
)]
pub(super) fn note_size((files, bytes): (usize, u64)) {
    gauge!(FILES).set(files as f64);
    gauge!(BYTES).set(bytes as f64);
}

/// Says what the figures are, and shows those that an operator wants an alarm for from the start.
pub fn introduce_figures() {
    describe_counter!(
        FILLS,
        "Times that an image was put into the cache, by what came of it; wrong: its store gave \
         other bytes than it should"
    );
    describe_counter!(PRUNED_FILES, "Files that left the cache to make room");
    describe_counter!(
        PRUNED_BYTES,
        Unit::Bytes,
        "Bytes that left the cache to make room"
    );
    describe_counter!(
        DISCARDED,
        "Files of the cache that were found to be other than they should, and were removed"
    );
    describe_gauge!(FILES, "Whole files in the cache");
    describe_gauge!(BYTES, Unit::Bytes, "Bytes of whole files in the cache");
    for fill in Fill::ALL {
        counter!(FILLS, "result" => fill.as_str()).increment(0);
    }
    counter!(DISCARDED).increment(0);
}
