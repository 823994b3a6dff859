//! One image: opened once, and read once for its digests and for what it is.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    report::ImageReport,
    roots::{Opened, Roots, State, unreadable},
};
use crate::{
    domain::{Algorithm, Digest, Digests, Mismatch},
    hash::{HashError, Hashers},
    inspect::{Findings, Inspector, Rules},
    jobs::{
        document::{ImageRef, OnDanger},
        failure::{Code, Failure},
        meters::{self, Verification},
    },
};

/// The algorithm of the digest that is told where none is expected.
const USUAL: &str = "sha256";

/// What the check of an image needs.
pub(super) struct Check<'a> {
    pub(super) hashers: &'a Hashers,
    pub(super) roots: &'a Roots,
    pub(super) rules: &'a Rules,
    pub(super) image: &'a ImageRef,
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

impl Check<'_> {
    /// Checks the image, on a thread that may block.
    pub(super) fn run(&self) -> Checked {
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
    fn look(&self, report: &mut ImageReport, read: &mut u64) -> Result<(), Failure> {
        let opened = self.roots.file(&self.image.path)?;
        report.size_bytes = Some(opened.state.size);
        self.check_size(opened.state.size)?;
        let (digests, findings) = self.read(&opened, read)?;
        report.tell_digests(&digests);
        self.verify(&digests)?;
        report.verification = if self.image.expected.is_empty() {
            Verification::Skipped
        } else {
            Verification::Success
        };
        report.tell_findings(&findings);
        report.tell_judgement(&findings, self.image.format.as_deref(), self.rules);
        self.judge(report)
    }

    fn check_size(&self, size: u64) -> Result<(), Failure> {
        let path = &self.image.path;
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
            self.image.path
        );
        let details = json!({"image": self.image.role, "maximum": most, "actual": size});
        Err(Failure::new(Code::Constraint, message).with(details))
    }

    /// Reads the file to its end, once.
    fn read(&self, opened: &Opened, read: &mut u64) -> Result<(Digests, Findings), Failure> {
        let internal = |error: &HashError| Failure::new(Code::Internal, error.to_string());
        let running = self.hashers.start(&self.algorithms());
        let running = running.map_err(|error| internal(&error))?;
        let mut passing = Passing {
            file: &opened.file,
            halt: self.halt,
            inspector: Inspector::new(),
            read: 0,
            most: opened.state.size,
        };
        let outcome = running.read(&mut passing);
        *read = passing.read;
        let (size, digests) = match outcome {
            Ok(outcome) => outcome,
            Err(_) if passing.read > passing.most => return Err(self.changed()),
            Err(HashError::Unreadable(error)) => {
                return Err(unreadable(Path::new(&self.image.path), &error));
            }
            Err(error) => return Err(internal(&error)),
        };
        let now = State::of(&opened.file);
        let now = now.map_err(|error| unreadable(Path::new(&self.image.path), &error))?;
        if size != opened.state.size || now != opened.state {
            return Err(self.changed());
        }
        Ok((digests, passing.inspector.finish()))
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        let expected = self.image.expected.iter().map(Digest::algorithm).cloned();
        let mut algorithms: Vec<_> = expected.collect();
        if algorithms.is_empty() {
            algorithms.extend(USUAL.parse::<Algorithm>());
        }
        algorithms
    }

    fn changed(&self) -> Failure {
        let message = format!("{} changed while it was read", self.image.path);
        Failure::new(Code::ImageChanged, message)
    }

    fn verify(&self, digests: &Digests) -> Result<(), Failure> {
        let Err(mismatch) = self.image.expected.verify(digests) else {
            return Ok(());
        };
        let message = format!(
            "Image checksum verification failed for {}. The image may be corrupted or tampered \
             with.",
            self.image.path
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
                let message = format!("{}: {rejection}", self.image.path);
                let details = json!({"image": self.image.role});
                Err(Failure::new(Code::ImageUnsafe, message).with(details))
            }
            _ => Ok(()),
        }
    }
}

/// A file on its way through the digests, looked into as it passes.
struct Passing<'a> {
    file: &'a File,
    halt: &'a CancellationToken,
    inspector: Inspector,
    read: u64,
    /// How many bytes the file had when it was opened.
    most: u64,
}

impl Read for Passing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.halt.is_cancelled() {
            return Err(io::Error::other("the job was ended"));
        }
        let len = self.file.read(buffer)?;
        self.read += len as u64;
        if self.read > self.most {
            return Err(io::Error::other("the file grows"));
        }
        self.inspector.update(&buffer[..len]);
        Ok(len)
    }
}
