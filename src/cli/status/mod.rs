//! `hallmark status`: whether this program can take over from the one before.
//!
//! Output and exit status are those of oslo.upgradecheck, so that what reads `glance-status upgrade
//! check` reads this.

mod checks;
mod report;

use std::io::Write;

use clap::{Args, Subcommand};
use tokio::runtime::Runtime;

use crate::cli::{ConfigFiles, Outcome};

/// The arguments of `hallmark status`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    files: ConfigFiles,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Look for what could keep this version from working
    #[command(subcommand)]
    Upgrade(Upgrade),
}

#[derive(Debug, Subcommand)]
enum Upgrade {
    /// Look at configuration, database, stores and images, without changing anything. Exit status:
    /// 0 nothing found, 1 warnings, 2 failures
    Check {
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
}

/// Looks, and writes what was found to `out`.
pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let Verb::Upgrade(Upgrade::Check { json }) = arguments.verb;
    let checks = Runtime::new()?.block_on(checks::all(&arguments.files));
    if json {
        writeln!(out, "{}", report::json(&checks))?;
    } else {
        write!(out, "{}", report::table(&checks))?;
    }
    // The numbers are oslo.upgradecheck's; they are those of these outcomes as well.
    Ok(match checks.iter().map(|check| check.code).max() {
        None | Some(checks::Code::Success) => Outcome::Done,
        Some(checks::Code::Warning) => Outcome::Failed,
        Some(checks::Code::Failure) => Outcome::Misconfigured,
    })
}
