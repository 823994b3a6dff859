//! `hallmark db purge`: the rows of images that were deleted long ago.

use std::{io::Write, time::Duration};

use clap::Args;

use crate::{
    db::{Db, DbError},
    domain::{Clock as _, SystemClock},
};

/// How many images are looked for at a time.
const BATCH: u32 = 100;

/// Purges the rows of images that were deleted before, the first to go first. Of each stays that
/// its id and its digests were used, for they are never used again. Images of which bytes or tasks
/// are left are passed over.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How many days ago the images were deleted at least
    #[arg(
        long, alias = "age_in_days", value_name = "N", default_value_t = 30,
        value_parser = clap::value_parser!(u32).range(0..=36_500),
    )]
    age_in_days: u32,

    /// How many images are purged at most; -1: all
    #[arg(
        long, alias = "max_rows", value_name = "N", default_value_t = 100,
        allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(-1..),
    )]
    max_rows: i64,
}

/// Purges, and tells how many images.
pub(super) async fn purge(arguments: &Arguments, db: &Db) -> Result<u64, DbError> {
    let age = Duration::from_hours(24 * u64::from(arguments.age_in_days));
    let before = SystemClock.now().minus(age);
    let most = u64::try_from(arguments.max_rows).unwrap_or(u64::MAX);
    let mut purged = 0;
    while purged < most {
        let limit = u32::try_from(most - purged).unwrap_or(BATCH).min(BATCH);
        let found = db.read().await?.list_purgeable(before, limit).await?;
        let mut gone = 0;
        for id in &found {
            let mut tx = db.begin().await?;
            tx.lock_image(*id).await?;
            if tx.purge_image(*id, before).await? {
                gone += 1;
            }
            tx.commit().await?;
        }
        purged += gone;
        // What was found and did not go is another process's now.
        if gone == 0 {
            break;
        }
    }
    Ok(purged)
}

/// Writes how many images were purged.
pub(super) fn tell(purged: u64, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{purged} deleted images were purged")
}
