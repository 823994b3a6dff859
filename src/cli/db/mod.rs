//! `hallmark db`: the schema of the database, and what it is filled with.

mod metadefs;
mod purge;
mod receipts;

use std::io::Write;

use clap::{Args, Subcommand};
use tokio::runtime::Runtime;

use crate::{
    app::open_synced_database,
    cli::{ConfigFiles, Outcome},
    config::Config,
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

#[derive(Debug, Subcommand)]
enum Verb {
    /// Bring the schema to the version of this program
    Sync,
    /// Print the version of the schema
    Version,
    /// Purge the rows of images that were deleted long ago
    Purge(purge::Arguments),
    /// Load metadata definitions from files, as Glance ships them
    LoadMetadefs(metadefs::Arguments),
    /// Print all signed receipts of verifications, a line of JSON each
    ExportReceipts(receipts::Arguments),
}

/// Does what the arguments say to the database that the configuration names.
pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let Some(config) = arguments.files.load() else {
        return Ok(Outcome::Misconfigured);
    };
    let runtime = Runtime::new()?;
    let version = match &arguments.verb {
        Verb::Sync => runtime.block_on(async {
            let db = Db::connect(&config.database).await?;
            db.migrate().await?;
            db.schema_version().await
        }),
        Verb::Version => runtime.block_on(async {
            let db = Db::connect(&config.database).await?;
            db.schema_version().await
        }),
        Verb::Purge(arguments) => {
            let purged = runtime.block_on(async {
                let db = open_synced_database(&config.database).await?;
                anyhow::Ok(purge::purge(arguments, &db).await?)
            })?;
            purge::tell(purged, out)?;
            return Ok(Outcome::Done);
        }
        Verb::LoadMetadefs(arguments) => {
            let loads = runtime.block_on(load_metadefs(arguments, config))?;
            return metadefs::tell(loads, out);
        }
        Verb::ExportReceipts(arguments) => {
            let db = runtime.block_on(open_synced_database(&config.database))?;
            receipts::export(arguments, &runtime, &db, out)?;
            return Ok(Outcome::Done);
        }
    };
    match version? {
        Some(version) => writeln!(out, "{} {}", version.number, version.name)?,
        None => writeln!(out, "no schema")?,
    }
    Ok(Outcome::Done)
}

async fn load_metadefs(
    arguments: &metadefs::Arguments,
    config: Config,
) -> anyhow::Result<Vec<metadefs::Load>> {
    let db = open_synced_database(&config.database).await?;
    metadefs::load(arguments, db).await
}
