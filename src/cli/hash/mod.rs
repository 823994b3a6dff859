//! `hallmark hash`: the digests of files, in the formats of coreutils and of BSD.

mod show;
#[cfg(test)]
mod tests;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use self::show::{FormArguments, shown};
use crate::{
    cli::{
        Outcome, complain,
        files::{Bars, Cache, Folders, Input, Reader, Step, Unlisted, in_order, inputs},
    },
    domain::Algorithm,
    hash::{Effort, HashError, Hashers},
};

/// Print digests of files.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Hash algorithm, such as sha512 or SHA3-256; give several to get a line of each
    #[arg(
        short, long = "algorithm", value_name = "ALG",
        default_value = "sha256", value_parser = algorithm,
    )]
    algorithms: Vec<Algorithm>,

    /// Take a folder as all regular files in it and beneath, sorted; no symbolic link is followed
    #[arg(short, long)]
    recursive: bool,

    #[command(flatten)]
    form: FormArguments,

    /// Keep digests in this file, and do not read files again that have not been changed since
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,

    /// What to read; "-" or nothing for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    files: Vec<PathBuf>,
}

/// Writes the digests to `out`, and what cannot be read to standard error; a file that cannot be
/// read does not keep the others from being printed.
pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let reader = Reader::new(arguments.cache.as_deref().map(open_cache));
    let mut printer = Printer {
        out: io::BufWriter::new(out),
        bars: reader.bars(),
        unread: 0,
    };
    print_digests(arguments, &reader, &mut printer)?;
    let unread = printer.unread;
    keep(&reader);
    Ok(if unread == 0 {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

/// Opens the cache; one that is of no use is told of, and begun anew.
pub(super) fn open_cache(file: &Path) -> Cache {
    let (cache, problem) = Cache::open(file.to_owned());
    if let Some(problem) = problem {
        let problem = anyhow::Error::new(problem);
        let file = file.display();
        complain(&format!("{file}: {problem:#}; the cache is ignored"));
    }
    cache
}

/// Keeps the cache. Everything asked for is done even if that cannot be.
pub(super) fn keep(reader: &Reader) {
    if let Err(error) = reader.keep() {
        complain(&format!("the cache cannot be written: {error}"));
    }
}

/// The algorithm that people spell so.
pub(super) fn algorithm(spelling: &str) -> Result<Algorithm, HashError> {
    Hashers::builtin().resolve(spelling)
}

/// What is to be written of one file.
struct Printed {
    lines: Vec<u8>,
    problem: Option<String>,
}

fn print_digests(
    arguments: &Arguments,
    reader: &Reader,
    printer: &mut Printer<'_>,
) -> io::Result<()> {
    let folders = if arguments.recursive {
        Folders::Walked
    } else {
        Folders::Refused
    };
    let form = arguments.form.form(arguments.algorithms.len());
    let work = |input: Result<Input, _>, effort: Effort| {
        let (name, outcome) = match input {
            Ok(input) => {
                let found = reader.digests(&input, &arguments.algorithms, effort);
                (input.name().to_owned(), found)
            }
            Err(Unlisted { path, reason }) => (path, Err(reason.into())),
        };
        Printed {
            lines: shown(form, reader.hashers(), &name, &outcome),
            problem: outcome
                .err()
                .map(|error| format!("{}: {error:#}", name.display())),
        }
    };
    in_order(inputs(&arguments.files, folders), work, |step| {
        printer.take(step)
    })
}

/// Writes what there is, beside the bars.
struct Printer<'a> {
    out: io::BufWriter<&'a mut dyn Write>,
    bars: &'a Bars,
    /// How many files have no digests.
    unread: usize,
}

impl Printer<'_> {
    fn take(&mut self, step: Step<Printed>) -> io::Result<()> {
        match step {
            Step::Waiting => {
                let out = &mut self.out;
                self.bars.aside(|| out.flush())
            }
            Step::Ready(Printed { lines, problem }) => {
                if let Some(problem) = problem {
                    self.unread += 1;
                    self.bars.aside(|| complain(&problem));
                }
                self.out.write_all(&lines)
            }
        }
    }
}
