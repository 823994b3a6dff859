//! Checks: the copies that wait to be read again, and who reads them.

use uuid::Uuid;

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_optional},
    },
    domain::{Algorithm, Check, ImageId, StoreId, Timestamp},
};

#[derive(Debug, sqlx::FromRow)]
struct CheckRow {
    image_id: String,
    store: String,
    purpose: String,
    algorithms: String,
    user_id: Option<String>,
    request_id: Option<String>,
    attempts: i64,
}

impl TryFrom<CheckRow> for Check {
    type Error = DbError;

    fn try_from(row: CheckRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "checks",
            row: &row.image_id,
        };
        let names = row.algorithms.split(',').filter(|name| !name.is_empty());
        Ok(Self {
            image_id: cell.parse(&row.image_id)?,
            store: cell.parse(&row.store)?,
            purpose: cell.parse(&row.purpose)?,
            algorithms: names
                .map(|name| cell.parse(name))
                .collect::<Result<_, _>>()?,
            attempts: cell.number(row.attempts)?,
            user_id: row.user_id,
            request_id: row.request_id,
        })
    }
}

/// `algorithms` as one text. No implemented algorithm has a comma in its name.
fn joined(algorithms: &[Algorithm]) -> String {
    let names: Vec<_> = algorithms.iter().map(Algorithm::as_str).collect();
    names.join(",")
}

/// Who works on something, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// Who.
    pub holder: Uuid,
    /// The time.
    pub now: Timestamp,
    /// When it lapses unless it is renewed.
    pub until: Timestamp,
}

impl Session {
    /// Asks for a check, to be begun at once. What is asked of the same copy already is done by
    /// the same reading; if that has begun, the copy is read once more.
    ///
    /// Several statements: call it within a transaction that has locked the image.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if there is no such image.
    #[tracing::instrument(
        level = "debug", name = "db.checks.ask",
        skip_all, fields(image.id = %check.image_id, store.id = %check.store), err(level = "debug")
    )]
    pub async fn ask_check(&mut self, check: &Check, at: Timestamp) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO checks (image_id, store, purpose, algorithms, user_id, request_id, attempts,
                                asked_at, due_at)
            VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7)
                ON CONFLICT (image_id, store)
                DO UPDATE SET purpose = excluded.purpose, algorithms = excluded.algorithms,
                              user_id = excluded.user_id, request_id = excluded.request_id,
                              attempts = 0, asked_at = excluded.asked_at,
                              due_at = excluded.due_at";
        let asked = self.find_check(check.image_id, &check.store).await?;
        let mut algorithms = check.algorithms.clone();
        for algorithm in asked.into_iter().flat_map(|asked| asked.algorithms) {
            if !algorithms.contains(&algorithm) {
                algorithms.push(algorithm);
            }
        }
        execute!(
            self,
            SQL,
            check.image_id.as_str(),
            check.store.as_str(),
            check.purpose.as_str(),
            joined(&algorithms),
            check.user_id.as_deref(),
            check.request_id.as_deref(),
            at.as_micros(),
        );
        Ok(())
    }

    /// The check of the copy that waits or is under way.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.checks.find",
        skip_all, fields(image.id = %id, store.id = %store), err(level = "debug")
    )]
    pub async fn find_check(
        &mut self,
        id: ImageId,
        store: &StoreId,
    ) -> Result<Option<Check>, DbError> {
        const SQL: &str = "
            SELECT image_id, store, purpose, algorithms, user_id, request_id, attempts
              FROM checks
             WHERE image_id = $1 AND store = $2";
        fetch_optional!(self, CheckRow, SQL, id.as_str(), store.as_str())
            .map(Check::try_from)
            .transpose()
    }

    /// Takes the check that is due longest and that nobody works on: one that waits, or one whose
    /// lease ended. Of several who try at once, each gets another check or none.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.checks.claim",
        skip_all, fields(holder = %lease.holder), err(level = "debug")
    )]
    pub async fn claim_check(&mut self, lease: Lease) -> Result<Option<Check>, DbError> {
        let sql = self.statements().claim_check;
        fetch_optional!(
            self,
            CheckRow,
            sql,
            lease.now.as_micros(),
            lease.holder.to_string(),
            lease.until.as_micros(),
        )
        .map(Check::try_from)
        .transpose()
    }

    /// Begins a check that nobody asked for, if nobody works on the copy. What others have asked
    /// of it is done by the same reading: the check is given as it is then.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if there is no such image.
    #[tracing::instrument(
        level = "debug", name = "db.checks.begin",
        skip_all, fields(image.id = %check.image_id, store.id = %check.store), err(level = "debug")
    )]
    pub async fn begin_check(
        &mut self,
        check: &Check,
        lease: Lease,
    ) -> Result<Option<Check>, DbError> {
        const SQL: &str = "
            INSERT INTO checks (image_id, store, purpose, algorithms, user_id, request_id, attempts,
                                asked_at, due_at, begun_at, holder, lease_until)
            VALUES ($1, $2, $3, $4, NULL, NULL, 1, $5, $5, $5, $6, $7)
                ON CONFLICT (image_id, store)
                DO UPDATE SET begun_at = excluded.begun_at, holder = excluded.holder,
                              lease_until = excluded.lease_until,
                              attempts = checks.attempts + 1
                        WHERE checks.holder IS NULL OR checks.lease_until < excluded.begun_at
         RETURNING image_id, store, purpose, algorithms, user_id, request_id, attempts";
        let begun = fetch_optional!(
            self,
            CheckRow,
            SQL,
            check.image_id.as_str(),
            check.store.as_str(),
            check.purpose.as_str(),
            joined(&check.algorithms),
            lease.now.as_micros(),
            lease.holder.to_string(),
            lease.until.as_micros(),
        );
        let Some(mut begun) = begun.map(Check::try_from).transpose()? else {
            return Ok(None);
        };
        for algorithm in &check.algorithms {
            if !begun.algorithms.contains(algorithm) {
                begun.algorithms.push(algorithm.clone());
            }
        }
        Ok(Some(begun))
    }

    /// Moves the end of the lease, and tells whether `holder` still has the check and its image
    /// is still there.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.checks.renew",
        skip_all, fields(image.id = %check.image_id, store.id = %check.store, %holder),
        err(level = "debug")
    )]
    pub async fn renew_check(
        &mut self,
        check: &Check,
        holder: Uuid,
        until: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE checks
               SET lease_until = $4
             WHERE image_id = $1 AND store = $2 AND holder = $3
               AND EXISTS (SELECT 1
                             FROM images
                            WHERE id = $1 AND status <> 'deleted')";
        let renewed = execute!(
            self,
            SQL,
            check.image_id.as_str(),
            check.store.as_str(),
            holder.to_string(),
            until.as_micros(),
        );
        Ok(renewed > 0)
    }

    /// Gives the check back for others to take from `due` on, with so many attempts counted, and
    /// tells whether `holder` still had it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.checks.release",
        skip_all, fields(image.id = %check.image_id, store.id = %check.store, %holder),
        err(level = "debug")
    )]
    pub async fn release_check(
        &mut self,
        check: &Check,
        holder: Uuid,
        due: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE checks
               SET holder = NULL, lease_until = NULL, due_at = $4, attempts = $5
             WHERE image_id = $1 AND store = $2 AND holder = $3";
        let released = execute!(
            self,
            SQL,
            check.image_id.as_str(),
            check.store.as_str(),
            holder.to_string(),
            due.as_micros(),
            i64::from(check.attempts),
        );
        Ok(released > 0)
    }

    /// Ends the check, and tells whether `holder` still had it. If it was asked for again since it
    /// was begun, it waits again.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.checks.finish",
        skip_all, fields(image.id = %check.image_id, store.id = %check.store, %holder),
        err(level = "debug")
    )]
    pub async fn finish_check(&mut self, check: &Check, holder: Uuid) -> Result<bool, DbError> {
        const DONE: &str = "
            DELETE FROM checks
             WHERE image_id = $1 AND store = $2 AND holder = $3 AND asked_at <= begun_at";
        const ASKED_AGAIN: &str = "
            UPDATE checks
               SET holder = NULL, lease_until = NULL, attempts = 0
             WHERE image_id = $1 AND store = $2 AND holder = $3";
        for sql in [DONE, ASKED_AGAIN] {
            let ended = execute!(
                self,
                sql,
                check.image_id.as_str(),
                check.store.as_str(),
                holder.to_string(),
            );
            if ended > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
