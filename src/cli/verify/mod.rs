//! `hallmark verify`: whether files have the digests that they should have.

mod beneath;
mod bounded;
mod check;
mod claims;
mod receipts;
mod report;
mod signed;
mod sums;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use self::{
    check::Check,
    claims::Word,
    receipts::ReceiptArguments,
    report::{Loudness, Report},
    sums::{Demands, SumsArguments},
};
use crate::{
    cli::{
        Outcome, complain,
        files::{Input, Reader, in_order},
        hash::{keep, open_cache},
    },
    domain::ExpectedDigests,
    hash::Hashers,
};

/// Check files against digests, or against a checksum file, signed or not.
///
/// `hallmark verify disk.img sha256:4bca…` checks one file, `hallmark verify -c SHA256SUMS` all
/// that the checksum file names, `hallmark verify -c SHA256SUMS disk.img` one of them.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A digest that each file must have; several, repeated or separated by commas, must all hold.
    /// 64 hexadecimal digits alone are SHA-256
    #[arg(
        short,
        long = "expect",
        value_name = "ALG:HEX",
        conflicts_with = "check"
    )]
    expected: Vec<String>,

    #[command(flatten)]
    sums: SumsArguments,

    #[command(flatten)]
    receipts: ReceiptArguments,

    /// Print nothing for files that are as they should be
    #[arg(short, long)]
    quiet: bool,

    /// Print nothing at all; the exit status tells
    #[arg(short, long, conflicts_with_all = ["quiet", "json"])]
    status: bool,

    /// Print a JSON object a line for each file
    #[arg(long)]
    json: bool,

    /// Keep digests in this file, and do not read files again that have not been changed since
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,

    /// Files to check, "-" for standard input; and digests, as for --expect, that they must have.
    /// A file with a name like sha256:… is given as ./sha256:…
    #[arg(value_name = "FILE|ALG:HEX")]
    words: Vec<PathBuf>,
}

/// Checks the files, and tells of each on `out` and of what is wrong on standard error.
pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let hashers = Hashers::builtin();
    let (files, expected) = match meant(arguments, &hashers) {
        Ok(meant) => meant,
        Err(fault) => return Ok(misused(&fault)),
    };
    let loudness = arguments.loudness();
    let (expected, told) = match &arguments.receipts.receipt {
        None => (expected, Outcome::Done),
        Some(receipts) => match of_receipts(arguments, receipts, &files, out) {
            Ok((_, told)) if files.is_empty() => return Ok(told),
            Ok(of_receipts) => of_receipts,
            Err(error) => return Ok(failed(receipts, &error, loudness)),
        },
    };
    let demands = match &arguments.sums.check {
        None => Demands {
            checks: files
                .into_iter()
                .map(|file| Check::of(named(file), &expected))
                .collect(),
            ..Demands::default()
        },
        Some(sums) => match arguments.sums.demands(sums, files, &hashers) {
            Ok(demands) => demands,
            Err(error) => return Ok(failed(sums, &error, loudness)),
        },
    };
    let reader = Reader::new(arguments.cache.as_deref().map(open_cache));
    let outcome = verify(demands, &reader, arguments, out);
    keep(&reader);
    match outcome {
        // Who stops to listen has not heard of every file; it may be that none was looked at.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Outcome::Failed),
        // The files are what the receipts are about, but a copy of them is not.
        Ok(Outcome::Done) => Ok(told),
        outcome => Ok(outcome?),
    }
}

/// Checks the receipts, tells of them, and gives what they say of the files, if there are any, and
/// whether what they tell is good.
fn of_receipts(
    arguments: &Arguments,
    file: &Path,
    files: &[PathBuf],
    out: &mut dyn Write,
) -> anyhow::Result<(ExpectedDigests, Outcome)> {
    let loudness = arguments.loudness();
    let receipts = arguments.receipts.verified(file, loudness)?;
    let told = receipts.tell(loudness, out)?;
    if files.is_empty() {
        return Ok((ExpectedDigests::default(), told));
    }
    Ok((receipts.expected()?, told))
}

fn failed(file: &Path, error: &anyhow::Error, loudness: Loudness) -> Outcome {
    if loudness != Loudness::Silent {
        complain(&format!("{}: {error:#}", file.display()));
    }
    Outcome::Failed
}

/// Holds each file against what is demanded of it.
fn verify(
    demands: Demands,
    reader: &Reader,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    let sums = arguments.sums.check.as_deref();
    let leniency = arguments.sums.leniency();
    let mut report = Report::new(out, reader.bars(), arguments.loudness(), leniency);
    if let Some(sums) = sums {
        report.malformed(sums, &demands.malformed);
        report.told(sums, demands.told.as_deref());
    }
    in_order(
        demands.checks.into_iter(),
        |check, effort| check.done(reader, effort),
        |step| report.take(step),
    )?;
    report.end(sums)
}

impl Arguments {
    fn loudness(&self) -> Loudness {
        match (self.status, self.json, self.quiet) {
            (true, ..) => Loudness::Silent,
            (_, true, quiet) => Loudness::Objects {
                faults_alone: quiet,
            },
            (.., quiet) => Loudness::Lines {
                faults_alone: quiet,
            },
        }
    }
}

/// The files and the digests that the words mean.
fn meant(
    arguments: &Arguments,
    hashers: &Hashers,
) -> Result<(Vec<PathBuf>, ExpectedDigests), String> {
    let mut expected = ExpectedDigests::default();
    for text in &arguments.expected {
        let digests = claims::read(text, hashers)?;
        expected.merge(digests).map_err(|fault| fault.to_string())?;
    }
    let mut files = Vec::new();
    for word in &arguments.words {
        match claims::word(word, hashers)? {
            Word::File(file) => files.push(file),
            Word::Digest(digest) => expected.add(digest).map_err(|fault| fault.to_string())?,
        }
    }
    let has_file = arguments.sums.check.is_some() || arguments.receipts.receipt.is_some();
    let fault = match (has_file, expected.is_empty()) {
        (true, false) => "digests are expected beside a file that says them; use one of both",
        (false, true) => {
            "nothing to check against: name a digest (ALG:HEX) or a checksum file (-c)"
        }
        (false, false) if files.is_empty() => "no file to check; \"-\" is standard input",
        _ => return Ok((files, expected)),
    };
    Err(fault.to_owned())
}

fn named(file: PathBuf) -> Input {
    if file.as_os_str() == "-" {
        Input::Standard
    } else {
        Input::Named(file)
    }
}

fn misused(fault: &str) -> Outcome {
    complain(fault);
    Outcome::Misconfigured
}
