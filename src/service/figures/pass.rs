//! What came of passes over the bytes of images.

use std::time::{Duration, Instant};

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use crate::domain::{
    Algorithm, Digest, DigestSource, Digests, Expectation, ExpectedDigests, Measured,
};

const VERIFICATIONS: &str = "hallmark_verifications_total";
const HASHED: &str = "hallmark_hashed_bytes_total";
const RECEIVED: &str = "hallmark_received_bytes_total";
const SENT: &str = "hallmark_sent_bytes_total";
const HEALED: &str = "hallmark_healed_copies_total";
const SECONDS: &str = "hallmark_verification_seconds";

/// Why bytes are held against digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// A client sends them, for the image or to be staged.
    Upload,
    /// An import brings them in.
    Import,
    /// They are read again, since a digest is not known.
    Backfill,
    /// They are read again to see that they are unchanged.
    Scrub,
    /// Somebody asks whether they are what they should be.
    Verify,
    /// Their publisher says what they should be.
    Publisher,
    /// They are given to a client.
    Read,
    /// A copy that is not what it should be is made anew of them.
    Heal,
    /// They come into the image cache, or an earlier process left them there.
    Cache,
}

/// What came of holding bytes against a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// They have it.
    Success,
    /// They have another, or it could not be told.
    Failure,
    /// There was nothing to hold them against.
    Skipped,
}

impl Occasion {
    /// All of them.
    const ALL: [Self; 9] = [
        Self::Upload,
        Self::Import,
        Self::Backfill,
        Self::Scrub,
        Self::Verify,
        Self::Publisher,
        Self::Read,
        Self::Heal,
        Self::Cache,
    ];

    /// The value of the label.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Import => "import",
            Self::Backfill => "backfill",
            Self::Scrub => "scrub",
            Self::Verify => "verify",
            Self::Publisher => "publisher",
            Self::Read => "read",
            Self::Heal => "heal",
            Self::Cache => "cache",
        }
    }
}

impl From<DigestSource> for Occasion {
    fn from(source: DigestSource) -> Self {
        match source {
            DigestSource::Upload => Self::Upload,
            DigestSource::Import => Self::Import,
            DigestSource::Backfill => Self::Backfill,
            DigestSource::Scrub => Self::Scrub,
            DigestSource::Publisher => Self::Publisher,
        }
    }
}

impl Verdict {
    /// The value of the label.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Skipped => "skipped",
        }
    }
}

/// Counts what came of holding bytes against a digest of `algorithm`, which must be one that is
/// implemented.
pub fn note_verdict(occasion: Occasion, algorithm: &Algorithm, verdict: Verdict) {
    verifications(occasion, algorithm, verdict).increment(1);
}

/// Counts the `bytes` that one pass of this length read for each of `algorithms`, which must be
/// implemented.
pub fn note_hashed<'a>(
    occasion: Occasion,
    algorithms: impl IntoIterator<Item = &'a Algorithm>,
    bytes: u64,
    elapsed: Duration,
) {
    for algorithm in algorithms {
        let algorithm = algorithm.as_str().to_owned();
        counter!(HASHED, "algorithm" => algorithm, "source" => occasion.as_str()).increment(bytes);
    }
    histogram!(SECONDS, "source" => occasion.as_str()).record(elapsed.as_secs_f64());
}

/// Counts one pass over bytes for an image, begun at `begun`.
pub(in crate::service) fn note_pass(
    occasion: Occasion,
    expectation: &Expectation,
    measured: &Measured,
    begun: Instant,
) {
    let algorithms = measured.digests.iter().map(Digest::algorithm);
    note_hashed(occasion, algorithms, measured.size, begun.elapsed());
    note_verdicts(occasion, &expectation.digests, &measured.digests);
    if expectation.digests.is_empty() {
        note_verdict(occasion, &expectation.algorithm, Verdict::Skipped);
    }
}

/// Counts what came of holding bytes that have the digests `found` against each that is expected.
pub(in crate::service) fn note_verdicts(
    occasion: Occasion,
    expected: &ExpectedDigests,
    found: &Digests,
) {
    for expected in expected.iter() {
        let verdict = if found.get(expected.algorithm()) == Some(expected) {
            Verdict::Success
        } else {
            Verdict::Failure
        };
        note_verdict(occasion, expected.algorithm(), verdict);
    }
}

/// Counts `bytes` that arrived, also if more should have come.
pub(in crate::service) fn note_received(occasion: Occasion, bytes: u64) {
    counter!(RECEIVED, "source" => occasion.as_str()).increment(bytes);
}

/// Counts `bytes` of an image that were given to a client.
pub(in crate::service) fn note_sent(bytes: u64) {
    counter!(SENT).increment(bytes);
}

/// Counts what came of making a copy anew, once no further attempt is made.
pub(in crate::service) fn note_healed(verdict: Verdict) {
    healed(verdict).increment(1);
}

/// Says what the figures are, and shows those that an operator wants an alarm for from the start:
/// an increase is seen only of what was there before.
pub(super) fn introduce<'a>(algorithms: impl Iterator<Item = &'a Algorithm>) {
    describe_counter!(
        VERIFICATIONS,
        "Times that bytes were held against a digest, by what came of it; skipped: nobody had \
         said what digest they should have"
    );
    describe_counter!(
        HASHED,
        Unit::Bytes,
        "Bytes that digests were computed of, once for each algorithm"
    );
    describe_counter!(
        RECEIVED,
        Unit::Bytes,
        "Bytes of images that arrived; import: from the web or from the staging area"
    );
    describe_counter!(
        SENT,
        Unit::Bytes,
        "Bytes of images that were given to clients"
    );
    describe_counter!(
        HEALED,
        "Copies that were not what they should be, and were made anew from others; failure: were not"
    );
    describe_histogram!(
        SECONDS,
        Unit::Seconds,
        "How long passes over the bytes of an image took, as long as the bytes took to arrive"
    );
    for verdict in [Verdict::Success, Verdict::Failure] {
        healed(verdict).increment(0);
    }
    for algorithm in algorithms {
        for occasion in Occasion::ALL {
            verifications(occasion, algorithm, Verdict::Failure).increment(0);
        }
    }
}

fn healed(verdict: Verdict) -> metrics::Counter {
    counter!(HEALED, "result" => verdict.as_str())
}

fn verifications(occasion: Occasion, algorithm: &Algorithm, verdict: Verdict) -> metrics::Counter {
    counter!(
        VERIFICATIONS,
        "result" => verdict.as_str(),
        "algorithm" => algorithm.as_str().to_owned(),
        "source" => occasion.as_str(),
    )
}
