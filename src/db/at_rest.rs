//! How copies at rest are, for who watches the registry.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{fetch_all, fetch_optional},
    },
    domain::{CopyState, Timestamp},
};

/// More checks, or copies that were never read, than this are not looked at one by one.
const MOST_COUNTED: i64 = 100_000;

/// Copies that are to be read again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueuedChecks {
    /// How many nobody has begun with.
    pub waiting: u64,
    /// How many are being read.
    pub running: u64,
    /// When the one that waits longest was asked for.
    pub waiting_since: Option<Timestamp>,
}

impl Session {
    /// How many copies wait at `now` to be read again, or are being read; of more than 100,000 no
    /// more are counted.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.at_rest.checks",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_checks(&mut self, now: Timestamp) -> Result<QueuedChecks, DbError> {
        const SQL: &str = "
            SELECT running, COUNT(*) AS count, MIN(asked_at) AS since
              FROM (SELECT asked_at,
                           CAST(CASE WHEN holder IS NOT NULL AND lease_until >= $1 THEN 1 ELSE 0 END
                                AS BIGINT) AS running
                      FROM checks
                     ORDER BY due_at, image_id, store
                     LIMIT $2) AS queued
             GROUP BY running";
        let mut queued = QueuedChecks::default();
        let rows = fetch_all!(self, (i64, i64, i64), SQL, now.as_micros(), MOST_COUNTED);
        for (running, count, since) in rows {
            if running > 0 {
                queued.running = count.unsigned_abs();
            } else {
                queued.waiting = count.unsigned_abs();
                queued.waiting_since = Some(Timestamp::from_micros(since));
            }
        }
        Ok(queued)
    }

    /// How many copies were found not to be sound, by their states. Those that were not read yet
    /// are not among them.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.at_rest.unsound",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_unsound(&mut self) -> Result<Vec<(CopyState, u64)>, DbError> {
        const SQL: &str = "
            SELECT state, COUNT(*) AS count
              FROM image_copies
             WHERE state <> 'ok' AND state IN ('damaged', 'missing', 'unreadable')
             GROUP BY state";
        fetch_all!(self, (String, i64), SQL)
            .into_iter()
            .map(|(state, count)| {
                let cell = Cell {
                    table: "image_copies",
                    row: &state,
                };
                Ok((cell.parse(&state)?, count.unsigned_abs()))
            })
            .collect()
    }

    /// When the copy was read that was not read for longest; that of an image which was not read
    /// yet counts from when the image was created. None if there are no copies.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.at_rest.oldest",
        skip_all,
        err(level = "debug")
    )]
    pub async fn find_oldest_reading(&mut self) -> Result<Option<Timestamp>, DbError> {
        const READ: &str = "
            SELECT checked_at
              FROM image_copies
             WHERE checked_at > 0
               AND EXISTS (SELECT 1
                             FROM images
                            WHERE id = image_id AND status IN ('active', 'deactivated'))
             ORDER BY checked_at
             LIMIT 1";
        const UNREAD: &str = "
            SELECT MIN(created_at)
              FROM images
             WHERE status IN ('active', 'deactivated')
               AND id IN (SELECT image_id
                            FROM image_copies
                           WHERE checked_at = 0
                           ORDER BY image_id
                           LIMIT $1)";
        let read = fetch_optional!(self, (i64,), READ).map(|(at,)| at);
        let unread = fetch_optional!(self, (Option<i64>,), UNREAD, MOST_COUNTED);
        let unread = unread.and_then(|(at,)| at);
        Ok(read
            .into_iter()
            .chain(unread)
            .min()
            .map(Timestamp::from_micros))
    }
}
