//! `hallmark policy`: the rules in force, and what somebody may do under them.

mod check;
mod list;
mod persona;

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::{ConfigFiles, Outcome, open_policy};

/// The arguments of `hallmark policy`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    files: ConfigFiles,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print every rule: its scope, where it is written, and what it says
    List(list::Arguments),
    /// Say what a caller may do to an image
    Check(check::Arguments),
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line each
    Text,
    /// An array of objects
    Json,
}

/// Writes the answer to `out`; what is wrong with the configuration or with the files of rules
/// and of property protections goes to standard error.
pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let config = arguments.files.load();
    let Some(policy) = config.as_ref().and_then(open_policy) else {
        return Ok(Outcome::Misconfigured);
    };
    match &arguments.verb {
        Verb::List(arguments) => list::run(arguments, &policy, out),
        Verb::Check(arguments) => check::run(arguments, &policy, out),
    }
}
