//! One image: opened once, and read once for its digests and for what it is.

use std::{
    io::{self, Read},
    path::Path,
};

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    Parts, library::ImageCopy, published::Published, report::ImageReport, roots::unreadable,
    source::Open,
};
use crate::{
    domain::{Algorithm, Digest, Digests, ExpectedDigests, Mismatch},
    hash::HashError,
    inspect::{Findings, Inspector},
    jobs::{
        document::{ImageRef, OnDanger, Source},
        failure::{Code, Failure},
        meters::{self, Verification},
    },
};

/// The algorithm of the digest that is told where none is expected.
const USUAL: &str = "sha256";

/// What the check of an image needs.
pub(super) struct Check<'a> {
    pub(super) parts: &'a Parts,
    pub(super) image: &'a ImageRef,
    /// The copy that is read, if the image is one of the registry.
    pub(super) copy: Option<ImageCopy>,
    /// What a checksum file on the web says of it.
    pub(super) published: Option<Published>,
    /// How many bytes the file, and the disk in it, may have.
    pub(super) most_bytes: Option<u64>,
    pub(super) on_danger: OnDanger,
    /// Ends the reading, between two reads.
    pub(super) halt: &'a CancellationToken,
}

/// What the check of an image gave.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) report: ImageReport,
    pub(super) failure: Option<Failure>,
    /// How many bytes were read.
    pub(super) read: u64,
}

impl Checked {
    /// An image of which not a byte was read.
    pub(super) fn failed(image: &ImageRef, failure: Failure) -> Self {
        let report = ImageReport::of(image);
        report.verification.count();
        Self {
            report: report.failed(Some(&failure)),
            failure: Some(failure),
            read: 0,
        }
    }
}

impl Check<'_> {
    /// Checks the image, on a thread that may block.
    pub(super) fn run(mut self) -> Checked {
        let mut report = ImageReport::of(self.image);
        let mut read = 0;
        let failure = self.look(&mut report, &mut read).err();
        meters::count_read(read);
        if !self.halt.is_cancelled() {
            report.verification.count();
        }
        Checked {
            report: report.failed(failure.as_ref()),
            failure,
            read,
        }
    }

    /// Fills the report, as far as it comes.
    fn look(&mut self, report: &mut ImageReport, read: &mut u64) -> Result<(), Failure> {
        let copy = self.copy.take();
        if let Some(copy) = &copy {
            report.tell_copy(&copy.store);
        }
        let expected = self.expected(copy.as_ref(), report)?;
        let mut open = self.open(copy)?;
        report.size_bytes = Some(open.size());
        self.check_size(open.size())?;
        let (digests, findings) = self.read(&mut open, &expected, read)?;
        report.tell_digests(&digests);
        self.verify(&expected, &digests)?;
        report.verification = if expected.is_empty() {
            Verification::Skipped
        } else {
            Verification::Success
        };
        report.tell_findings(&findings);
        report.tell_judgement(&findings, self.image.format.as_deref(), &self.parts.rules);
        self.judge(report)
    }

    /// The digests that the image must have: those of the job, of its checksum file, and of the
    /// registry where nobody says another.
    fn expected(
        &mut self,
        copy: Option<&ImageCopy>,
        report: &mut ImageReport,
    ) -> Result<ExpectedDigests, Failure> {
        let mut expected = self.image.expected.clone();
        let published = match (&self.image.sums, self.published.take()) {
            (Some(sums), None) => self.parts.published(sums)?,
            (_, published) => published,
        };
        if let Some(published) = published {
            report.tell_published(&published);
            expected.merge(published.expected).map_err(|error| {
                let message = format!("the checksum file and the job cannot both hold: {error}");
                Failure::new(Code::Contradiction, message)
            })?;
        }
        for digest in copy.into_iter().flat_map(|copy| copy.known.iter()) {
            // The job's own word on an algorithm is what is held, and fails if it is another.
            let _is_known = expected.add(digest.clone());
        }
        Ok(expected)
    }

    fn open(&self, copy: Option<ImageCopy>) -> Result<Open, Failure> {
        match (copy, &self.image.source) {
            (Some(copy), _) => Ok(Open::Copy {
                size: copy.size,
                bytes: copy.bytes?,
            }),
            (None, Source::Path(path)) => self.parts.roots.file(path).map(Open::File),
            (None, Source::Registry { .. }) => {
                let message = format!("{} is not at hand", self.image.name());
                Err(Failure::new(Code::ImageNotFound, message))
            }
        }
    }

    fn check_size(&self, size: u64) -> Result<(), Failure> {
        let path = self.image.name();
        if let Some(expected) = self.image.size.filter(|expected| *expected != size) {
            let message = format!("{path} has {size} bytes, but the job says {expected}");
            let details = json!({"image": self.image.role, "expected": expected, "actual": size});
            return Err(Failure::new(Code::SizeMismatch, message).with(details));
        }
        self.hold_below("file", size)
    }

    /// Holds that `what` of the image has no more bytes than the job allows.
    fn hold_below(&self, what: &str, size: u64) -> Result<(), Failure> {
        let Some(most) = self.most_bytes.filter(|most| size > *most) else {
            return Ok(());
        };
        let message = format!(
            "the {what} of {} has {size} bytes, more than constraints.maximum_disk_size_gb \
             allows: {most}",
            self.image.name()
        );
        let details = json!({"image": self.image.role, "maximum": most, "actual": size});
        Err(Failure::new(Code::Constraint, message).with(details))
    }

    /// Reads the image to its end, once.
    fn read(
        &self,
        open: &mut Open,
        expected: &ExpectedDigests,
        read: &mut u64,
    ) -> Result<(Digests, Findings), Failure> {
        let internal = |error: &HashError| Failure::new(Code::Internal, error.to_string());
        let unreadable = |error: &io::Error| unreadable(Path::new(&self.image.name()), error);
        let running = self.parts.hashers.start(&algorithms(expected));
        let running = running.map_err(|error| internal(&error))?;
        let mut passing = Passing {
            most: open.size(),
            image: open,
            halt: self.halt,
            inspector: Inspector::new(),
            read: 0,
        };
        let outcome = running.read(&mut passing);
        *read = passing.read;
        let (size, digests) = match outcome {
            Ok(outcome) => outcome,
            Err(_) if passing.read > passing.most => return Err(self.changed()),
            Err(HashError::Unreadable(error)) => return Err(unreadable(&error)),
            Err(error) => return Err(internal(&error)),
        };
        let findings = passing.inspector.finish();
        if !open
            .is_unchanged(size)
            .map_err(|error| unreadable(&error))?
        {
            return Err(self.changed());
        }
        Ok((digests, findings))
    }

    fn changed(&self) -> Failure {
        let message = format!("{} changed while it was read", self.image.name());
        Failure::new(Code::ImageChanged, message)
    }

    fn verify(&self, expected: &ExpectedDigests, digests: &Digests) -> Result<(), Failure> {
        let Err(mismatch) = expected.verify(digests) else {
            return Ok(());
        };
        let message = format!(
            "Image checksum verification failed for {}. The image may be corrupted or tampered \
             with.",
            self.image.name()
        );
        let failure = Failure::new(Code::ChecksumMismatch, message);
        Err(match mismatch {
            Mismatch::Digest { expected, actual } => failure.with(json!({
                "expected": expected.to_string(),
                "actual": actual.to_string(),
                "algorithm": expected.algorithm().as_str(),
                "alias": "IMAGE_CHECKSUM_MISMATCH",
                "image": self.image.role,
            })),
            other => failure.with(json!({"problem": other.to_string()})),
        })
    }

    fn judge(&self, report: &ImageReport) -> Result<(), Failure> {
        if let Some(size) = report.virtual_size_bytes {
            self.hold_below("disk", size)?;
        }
        match (&report.rejection, self.on_danger) {
            (Some(rejection), OnDanger::Fail) => {
                let message = format!("{}: {rejection}", self.image.name());
                let details = json!({"image": self.image.role});
                Err(Failure::new(Code::ImageUnsafe, message).with(details))
            }
            _ => Ok(()),
        }
    }
}

/// The algorithms of what is expected, or the usual one.
fn algorithms(expected: &ExpectedDigests) -> Vec<Algorithm> {
    let expected = expected.iter().map(Digest::algorithm).cloned();
    let mut algorithms: Vec<_> = expected.collect();
    if algorithms.is_empty() {
        algorithms.extend(USUAL.parse::<Algorithm>());
    }
    algorithms
}

/// An image on its way through the digests, looked into as it passes.
struct Passing<'a> {
    image: &'a mut Open,
    halt: &'a CancellationToken,
    inspector: Inspector,
    read: u64,
    /// How many bytes the image had when it was opened.
    most: u64,
}

impl Read for Passing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.halt.is_cancelled() {
            return Err(io::Error::other("the job was ended"));
        }
        let len = self.image.read(buffer)?;
        self.read += len as u64;
        if self.read > self.most {
            return Err(io::Error::other("the image grows"));
        }
        self.inspector.update(&buffer[..len]);
        Ok(len)
    }
}
