//! What is told of the files that were checked.

use std::{
    io::{self, Write},
    path::Path,
};

use serde_json::{Map, Value};

use super::{
    check::{Checked, Verdict},
    sums::Leniency,
};
use crate::{
    cli::{
        Outcome, complain,
        files::{Bars, Step, escaped, named_in_json},
    },
    domain::Digest,
};

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loudness {
    /// Nothing.
    Silent,
    /// A line for each file.
    Lines { faults_alone: bool },
    /// A JSON object for each file.
    Objects { faults_alone: bool },
}

/// Tells of each file, and remembers how many were what.
pub(super) struct Report<'a> {
    out: io::BufWriter<&'a mut dyn Write>,
    bars: &'a Bars,
    loudness: Loudness,
    leniency: Leniency,
    verified: usize,
    passed_over: usize,
    differing: usize,
    unread: usize,
    refused: usize,
    malformed: usize,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        out: &'a mut dyn Write,
        bars: &'a Bars,
        loudness: Loudness,
        leniency: Leniency,
    ) -> Self {
        Self {
            out: io::BufWriter::new(out),
            bars,
            loudness,
            leniency,
            verified: 0,
            passed_over: 0,
            differing: 0,
            unread: 0,
            refused: 0,
            malformed: 0,
        }
    }

    /// Tells of the lines of `sums` that cannot be understood.
    pub(super) fn malformed(&mut self, sums: &Path, lines: &[(usize, String)]) {
        self.malformed = lines.len();
        if self.leniency.warn {
            for (number, fault) in lines {
                self.complain(&format!("{}: line {number}: {fault}", sums.display()));
            }
        }
    }

    /// Tells of the signature of `sums`.
    pub(super) fn told(&self, sums: &Path, told: Option<&str>) {
        if let Some(told) = told {
            self.complain(&format!("{}: {told}", sums.display()));
        }
    }

    pub(super) fn take(&mut self, step: Step<Checked>) -> io::Result<()> {
        match step {
            Step::Waiting => {
                let out = &mut self.out;
                self.bars.aside(|| out.flush())
            }
            Step::Ready(checked) => self.tell(&checked),
        }
    }

    fn tell(&mut self, checked: &Checked) -> io::Result<()> {
        let count = match &checked.verdict {
            Verdict::Verified(_) => &mut self.verified,
            Verdict::Missing if self.leniency.ignore_missing => {
                self.passed_over += 1;
                return Ok(());
            }
            Verdict::Differs(..) => &mut self.differing,
            Verdict::Missing | Verdict::Unreadable(_) => &mut self.unread,
            Verdict::Refused(_) => &mut self.refused,
        };
        *count += 1;
        let is_good = matches!(checked.verdict, Verdict::Verified(_));
        if let Some(why) = reason(&checked.verdict) {
            self.complain(&format!("{}: {why}", checked.name.display()));
        }
        let line = match self.loudness {
            Loudness::Silent => return Ok(()),
            Loudness::Lines { faults_alone } | Loudness::Objects { faults_alone }
                if is_good && faults_alone =>
            {
                return Ok(());
            }
            Loudness::Lines { .. } => line(checked),
            Loudness::Objects { .. } => object(checked).to_string().into_bytes(),
        };
        self.out.write_all(&line)?;
        self.out.write_all(b"\n")
    }

    /// Sums up what was told; `sums` is the checksum file, if it was one.
    pub(super) fn end(mut self, sums: Option<&Path>) -> io::Result<Outcome> {
        self.out.flush()?;
        if let Some(sums) = sums {
            self.sum_up(sums);
        }
        let faults = self.differing + self.unread + self.refused;
        let too_strange = self.leniency.strict && self.malformed > 0;
        Ok(if faults == 0 && self.verified > 0 && !too_strange {
            Outcome::Done
        } else {
            Outcome::Failed
        })
    }

    fn sum_up(&self, sums: &Path) {
        let (sums, files) = (sums.display(), |count| Counted(count, "file"));
        for (count, what) in [
            (self.differing, "did not match"),
            (self.unread, "could not be read"),
            (self.refused, "could not be checked"),
        ] {
            if count > 0 {
                self.complain(&format!("{sums}: {} {what}", files(count)));
            }
        }
        if self.malformed > 0 {
            let lines = Counted(self.malformed, "line");
            self.complain(&format!("{sums}: {lines} could not be understood"));
        }
        if self.verified == 0 && self.passed_over > 0 {
            self.complain(&format!("{sums}: no file was verified"));
        }
    }

    fn complain(&self, message: &str) {
        if self.loudness != Loudness::Silent {
            self.bars.aside(|| complain(message));
        }
    }
}

/// A number of things.
struct Counted(usize, &'static str);

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(count, thing) = self;
        let plural = if *count == 1 { "" } else { "s" };
        write!(f, "{count} {thing}{plural}")
    }
}

/// Why a file is not verified.
fn reason(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Verified(_) => None,
        Verdict::Missing => Some("no such file"),
        Verdict::Differs(_, why) | Verdict::Unreadable(why) | Verdict::Refused(why) => Some(why),
    }
}

/// The line that coreutils would print.
fn line(checked: &Checked) -> Vec<u8> {
    let (name, is_escaped) = escaped(checked.name.as_os_str().as_encoded_bytes());
    let verdict: &[u8] = match checked.verdict {
        Verdict::Verified(_) => b"OK",
        Verdict::Differs(..) => b"FAILED",
        Verdict::Missing | Verdict::Unreadable(_) => b"FAILED open or read",
        Verdict::Refused(_) => b"FAILED, not checked",
    };
    let mark: &[u8] = if is_escaped { b"\\" } else { b"" };
    [mark, &*name, b": ", verdict].concat()
}

fn object(checked: &Checked) -> Value {
    let mut object = named_in_json(&checked.name);
    let (result, found) = match &checked.verdict {
        Verdict::Verified(found) => ("verified", Some(found)),
        Verdict::Differs(found, _) => ("mismatch", Some(found)),
        Verdict::Missing => ("missing", None),
        Verdict::Unreadable(_) => ("unreadable", None),
        Verdict::Refused(_) => ("refused", None),
    };
    object.insert("result".to_owned(), result.into());
    object.insert("expected".to_owned(), by_name(checked.expected.iter()));
    if let Some(found) = found {
        object.insert("size".to_owned(), found.size.into());
        object.insert("digests".to_owned(), by_name(found.digests.iter()));
    }
    if let Some(why) = reason(&checked.verdict) {
        object.insert("error".to_owned(), why.into());
    }
    object.into()
}

fn by_name<'a>(digests: impl Iterator<Item = &'a Digest>) -> Value {
    let named = |digest: &Digest| (digest.algorithm().to_string(), digest.value().into());
    digests.map(named).collect::<Map<_, _>>().into()
}
