//! `hallmark db`: the schema of the database.

use std::io::Write;

use clap::{Args, Subcommand};
use tokio::runtime::Runtime;

use crate::{
    cli::{ConfigFiles, Outcome},
    db::Db,
};

/// The arguments of `hallmark db`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    files: ConfigFiles,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Verb {
    /// Bring the schema to the version of this program
    Sync,
    /// Print the version of the schema
    Version,
}

/// Does what the arguments say to the database that the configuration names.
pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let Some(config) = arguments.files.load() else {
        return Ok(Outcome::Misconfigured);
    };
    let version = Runtime::new()?.block_on(async {
        let db = Db::connect(&config.database).await?;
        match arguments.verb {
            Verb::Sync => db.migrate().await?,
            Verb::Version => (),
        }
        db.schema_version().await
    })?;
    match version {
        Some(version) => writeln!(out, "{} {}", version.number, version.name)?,
        None => writeln!(out, "no schema")?,
    }
    Ok(Outcome::Done)
}
