//! The command line: one file per subcommand.
//!
//! A new one is a file with its arguments and their `run`, a variant of `Command` and an arm of
//! `Command::run`.

mod config;
mod confined;
mod db;
mod digests;
mod figures;
mod files;
mod hash;
mod openapi;
mod policy;
mod serve;
mod signals;
mod status;
mod verify;
mod worker;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    app,
    config::{Config, Faults, Sources},
    domain::SystemClock,
    policy::{Policy, PolicyError},
};

/// An image registry for virtual machines that verifies every byte it serves.
#[derive(Debug, Parser)]
#[command(name = "hallmark", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The API and the workers, in one process
    Serve(serve::Arguments),
    /// Verification jobs from a folder, without the API and its database
    Worker(worker::Arguments),
    /// The schema of the database
    Db(db::Arguments),
    /// Whether this version can take over from the one before
    Status(status::Arguments),
    /// What is in force, and from where
    Config(config::Arguments),
    /// The rules of who may do what, and what somebody may do
    Policy(policy::Arguments),
    /// What is known of the bytes of all images
    Digests(digests::Arguments),
    /// Digests of files and standard input
    Hash(hash::Arguments),
    /// Whether files have the digests that they should have
    Verify(verify::Arguments),
    /// The `OpenAPI` document of the API
    Openapi,
    /// Another program within bounds, for the registry's own use
    #[command(hide = true)]
    Confined(confined::Arguments),
}

impl Command {
    fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::Serve(arguments) => serve::run(&arguments),
            Self::Worker(arguments) => worker::run(&arguments),
            Self::Db(arguments) => db::run(&arguments, out),
            Self::Status(arguments) => status::run(&arguments, out),
            Self::Config(arguments) => config::run(&arguments, out),
            Self::Policy(arguments) => policy::run(&arguments, out),
            Self::Digests(arguments) => digests::run(arguments, out),
            Self::Hash(arguments) => hash::run(&arguments, out),
            Self::Verify(arguments) => verify::run(&arguments, out),
            Self::Openapi => openapi::run(out),
            Self::Confined(arguments) => confined::run(&arguments),
        }
    }
}

/// The files that a command reads its configuration from.
#[derive(Debug, Args)]
struct ConfigFiles {
    /// A configuration file (.toml, or oslo.config's .conf and .ini); may be repeated, a later
    /// one wins
    #[arg(long = "config-file", value_name = "F", global = true)]
    files: Vec<PathBuf>,
}

impl ConfigFiles {
    /// The configuration that is in force with these files and the environment; none if it is
    /// wrong, which standard error tells.
    fn load(&self) -> Option<Config> {
        match Config::load(&Sources::of_process(self.files.clone())) {
            Ok(config) => Some(config),
            Err(faults) => {
                tell(&faults);
                None
            }
        }
    }
}

/// Tells on standard error everything that is wrong with a configuration.
fn tell(faults: &Faults) {
    for fault in &faults.0 {
        complain(&fault.to_string());
    }
}

/// The operator's rules as they are now; none if they cannot be used, which standard error tells.
fn open_policy(config: &Config) -> Option<Policy> {
    match app::open_policy(config, Arc::new(SystemClock)) {
        Ok(policy) => Some(policy),
        Err(error) => {
            complain(&format!("{:#}", anyhow::Error::new(error)));
            None
        }
    }
}

/// How a command ended, as its exit status tells. Wrong usage ends the program earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It is done.
    Done,
    /// Some of the work failed, which standard error told.
    Failed,
    /// The configuration or the usage is wrong.
    Misconfigured,
}

/// Runs the command that the arguments of this process name, and gives its exit status: 0 done,
/// 1 the work failed, 2 usage or configuration.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = cli.command.run(&mut io::stdout());
    // A reader that has seen enough (`| head`) is no failure.
    let outcome = outcome.or_else(|error| match error.downcast_ref::<io::Error>() {
        Some(io) if io.kind() == io::ErrorKind::BrokenPipe => Ok(Outcome::Done),
        _ => Err(error),
    });
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::FAILURE,
        Ok(Outcome::Misconfigured) => ExitCode::from(2),
        // The operator's rules are configuration too.
        Err(error) if error.is::<PolicyError>() => {
            complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Tells the operator on standard error. If nobody can read it, nothing is left to be done.
fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "hallmark: {message}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }
}
