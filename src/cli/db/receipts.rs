//! `hallmark db export-receipts`: the chain of signed receipts, for who keeps or checks it.

use std::io::Write;

use clap::Args;
use tokio::runtime::Runtime;

use crate::db::Db;

/// How many receipts are read at a time.
const BATCH: u32 = 1000;

/// The arguments of `hallmark db export-receipts`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Leave out the receipts up to this number, which somebody has already
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    after: u64,
}

/// Writes each receipt as a line of JSON.
pub(super) fn export(
    arguments: &Arguments,
    runtime: &Runtime,
    db: &Db,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut after = arguments.after;
    loop {
        let next = async { db.read().await?.list_chain(after, BATCH).await };
        let receipts = runtime.block_on(next)?;
        if receipts.is_empty() {
            return Ok(out.flush()?);
        }
        for receipt in &receipts {
            writeln!(out, "{receipt}")?;
        }
        // Numbers have no gaps.
        after += receipts.len() as u64;
    }
}
