//! `hallmark digests`: what is known of the bytes of all images.

use std::{
    io::{self, IsTerminal as _, Write},
    num::NonZeroU64,
};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::{
    app::open_checks,
    cli::{ConfigFiles, Outcome, complain, hash::algorithm, signals::stop_on_signals},
    config::Config,
    domain::{Algorithm, Image},
    service::{CheckService, Filled},
};

/// The arguments of `hallmark digests`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    files: ConfigFiles,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Find the digests that images lack, while they are served
    Backfill(Backfill),
}

/// Reads each image that lacks a digest once, and records what it lacks if the digests that are
/// known of it hold. May be stopped at any time: the next run goes on. Several may run at a time.
#[derive(Debug, Args)]
struct Backfill {
    /// Hash algorithm, such as sha256; may be repeated. Without one: those that are computed of
    /// images that arrive now
    #[arg(short, long = "algo", value_name = "A", value_parser = algorithm)]
    algorithms: Vec<Algorithm>,

    /// How many MiB to read in a second at most; 0: any number. Without it, as the configuration says
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(0..=1 << 20))]
    rate: Option<u64>,
}

/// Does what the arguments say.
pub(super) fn run(arguments: Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let Some(mut config) = arguments.files.load() else {
        return Ok(Outcome::Misconfigured);
    };
    let Verb::Backfill(arguments) = arguments.verb;
    if let Some(rate) = arguments.rate {
        config.at_rest.rate = NonZeroU64::new(rate << 20);
    }
    let algorithms = match arguments.algorithms {
        chosen if chosen.is_empty() => usual(&config)?,
        chosen => distinct(chosen),
    };
    let runtime = Runtime::new()?;
    let run = runtime.block_on(Run::open(config, algorithms))?;
    let outcome = run.fill(&runtime, out);
    runtime.shutdown_background();
    outcome
}

/// What is computed of images that arrive now and choose nothing.
pub(super) fn usual(config: &Config) -> anyhow::Result<Vec<Algorithm>> {
    let hashing = &config.hashing;
    let checksum = hashing.legacy_checksum.then_some("md5");
    let names = [hashing.default.as_str()].into_iter().chain(checksum);
    let names = names.chain(hashing.extra.iter().map(String::as_str));
    let algorithms: Result<Vec<_>, _> = names.map(str::parse).collect();
    Ok(distinct(algorithms?))
}

fn distinct(algorithms: Vec<Algorithm>) -> Vec<Algorithm> {
    let mut distinct = Vec::new();
    for algorithm in algorithms {
        if !distinct.contains(&algorithm) {
            distinct.push(algorithm);
        }
    }
    distinct
}

/// One run over all images.
struct Run {
    checks: CheckService,
    algorithms: Vec<Algorithm>,
    /// Called by the first signal to end.
    stop: CancellationToken,
    /// Called by the second.
    at_once: CancellationToken,
}

impl Run {
    async fn open(config: Config, algorithms: Vec<Algorithm>) -> anyhow::Result<Self> {
        let (stop, at_once) = (CancellationToken::new(), CancellationToken::new());
        stop_on_signals([stop.clone(), at_once.clone()])?;
        Ok(Self {
            checks: open_checks(config).await?,
            algorithms,
            stop,
            at_once,
        })
    }

    /// Fills in what each image lacks, in the order of their ids.
    fn fill(&self, runtime: &Runtime, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        let (checks, algorithms) = (&self.checks, &self.algorithms);
        let lacking = runtime.block_on(checks.count_lacking(algorithms))?;
        let mut told = Told::new(lacking.images, lacking.bytes);
        let mut outcome = Outcome::Done;
        let mut after = None;
        while let Some(image) = runtime.block_on(checks.next_lacking(algorithms, after))? {
            after = Some(image.id);
            match runtime.block_on(self.fill_one(&image))? {
                Filled::Found => told.found(&image, out)?,
                Filled::Busy => told.passed(&image),
                Filled::Unsound => {
                    told.passed(&image);
                    complain(&format!(
                        "image {}: no copy was read and found sound",
                        image.id
                    ));
                    outcome = Outcome::Failed;
                }
                Filled::Stopped => {
                    outcome = Outcome::Failed;
                    break;
                }
            }
        }
        told.end(out)?;
        Ok(outcome)
    }

    async fn fill_one(&self, image: &Image) -> anyhow::Result<Filled> {
        tokio::select! {
            filled = self.checks.backfill(image, &self.algorithms, &self.stop) => Ok(filled?),
            () = self.at_once.cancelled() => Ok(Filled::Stopped),
        }
    }
}

/// How far it is: a bar on a terminal, a line for each image elsewhere.
struct Told {
    bar: Option<ProgressBar>,
    found: u64,
    images: u64,
}

impl Told {
    fn new(images: u64, bytes: u64) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the template is constant and well formed"
        )]
        let bar = io::stderr().is_terminal().then(|| {
            let template = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
            let style = ProgressStyle::with_template(template).expect("a well-formed template");
            ProgressBar::new(bytes).with_style(style)
        });
        Self {
            bar,
            found: 0,
            images,
        }
    }

    fn found(&mut self, image: &Image, out: &mut dyn Write) -> io::Result<()> {
        self.found += 1;
        self.passed(image);
        match &self.bar {
            Some(bar) => {
                bar.set_message(format!("{} of {} images", self.found, self.images));
                Ok(())
            }
            None => writeln!(out, "{}  {} of {}", image.id, self.found, self.images),
        }
    }

    fn passed(&self, image: &Image) {
        if let Some(bar) = &self.bar {
            bar.inc(image.size.unwrap_or(0));
        }
    }

    fn end(self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        writeln!(
            out,
            "digests of {} images were found, of {} that lacked some",
            self.found, self.images
        )
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        digests: Arguments,
    }

    fn parse(words: &[&str]) -> Result<Backfill, clap::Error> {
        let words = [&["digests", "backfill"], words].concat();
        let command = Command::try_parse_from(words)?;
        let Verb::Backfill(backfill) = command.digests.verb;
        Ok(backfill)
    }

    #[test]
    fn algorithms_are_spelled_as_people_do_and_counted_once() {
        let parsed = parse(&["--algo", "SHA-256", "--algo", "sha256"]).expect("words");
        assert_eq!(distinct(parsed.algorithms).len(), 1);
        assert!(parse(&["--algo", "crc32"]).is_err());
    }

    #[test]
    fn a_rate_that_makes_no_sense_is_refused() {
        assert_eq!(parse(&["--rate", "5"]).expect("words").rate, Some(5));
        for rate in ["-1", "x", "1048577"] {
            assert!(parse(&["--rate", rate]).is_err(), "{rate}");
        }
    }
}
