//! Copies: what is known of each store's bytes of an image.
//!
//! A copy has a row for as long as the image has a location in the store: the schema sees to it.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all},
    },
    domain::{CopyRecord, CopyState, ImageId, StoreId, Timestamp},
};

#[derive(Debug, sqlx::FromRow)]
struct CopyRow {
    store: String,
    state: String,
    verified_at: Option<i64>,
    checked_at: i64,
    reason: Option<String>,
    pending: i64,
}

impl CopyRow {
    fn into_record(self, id: ImageId) -> Result<CopyRecord, DbError> {
        let cell = Cell {
            table: "image_copies",
            row: id.as_str(),
        };
        Ok(CopyRecord {
            store: cell.parse(&self.store)?,
            state: cell.parse(&self.state)?,
            verified_at: self.verified_at.map(Timestamp::from_micros),
            checked_at: (self.checked_at > 0).then(|| Timestamp::from_micros(self.checked_at)),
            reason: self.reason,
            pending: self.pending > 0,
        })
    }
}

/// That a copy is not sound.
#[derive(Debug, Clone, Copy)]
pub struct Unsound<'a> {
    /// The store whose copy it is.
    pub store: &'a StoreId,
    /// How it was found.
    pub state: CopyState,
    /// Why, in words for who may see the image.
    pub reason: &'a str,
    /// When.
    pub at: Timestamp,
}

impl Session {
    /// The copies of the image, by the names of their stores.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.copies.list",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn list_copies(&mut self, id: ImageId) -> Result<Vec<CopyRecord>, DbError> {
        const SQL: &str = "
            SELECT image_copies.store, state, verified_at, checked_at, reason,
                   CAST(CASE WHEN checks.store IS NULL THEN 0 ELSE 1 END AS BIGINT) AS pending
              FROM image_copies
              LEFT JOIN checks
                ON checks.image_id = image_copies.image_id AND checks.store = image_copies.store
             WHERE image_copies.image_id = $1
             ORDER BY image_copies.store";
        fetch_all!(self, CopyRow, SQL, id.as_str())
            .into_iter()
            .map(|row| row.into_record(id))
            .collect()
    }

    /// The stores whose copies of the image are known not to be what they should be.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.copies.list_bad",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn list_bad_copies(&mut self, id: ImageId) -> Result<Vec<StoreId>, DbError> {
        const SQL: &str = "
            SELECT store
              FROM image_copies
             WHERE image_id = $1 AND state IN ('damaged', 'missing')";
        let cell = Cell {
            table: "image_copies",
            row: id.as_str(),
        };
        fetch_all!(self, (String,), SQL, id.as_str())
            .into_iter()
            .map(|(store,)| cell.parse(&store))
            .collect()
    }

    /// Notes that the copy was read at `at`, and is what it should be.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.copies.confirm",
        skip_all, fields(image.id = %id, store.id = %store), err(level = "debug")
    )]
    pub async fn confirm_copy(
        &mut self,
        id: ImageId,
        store: &StoreId,
        at: Timestamp,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            UPDATE image_copies
               SET state = 'ok', verified_at = $3, checked_at = $3, reason = NULL
             WHERE image_id = $1 AND store = $2";
        execute!(self, SQL, id.as_str(), store.as_str(), at.as_micros());
        Ok(())
    }

    /// Notes that the copy is not what it should be.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.copies.mark",
        skip_all, fields(image.id = %id, store.id = %found.store, state = %found.state),
        err(level = "debug")
    )]
    pub async fn mark_copy(&mut self, id: ImageId, found: &Unsound<'_>) -> Result<(), DbError> {
        const SQL: &str = "
            UPDATE image_copies
               SET state = $3, checked_at = $4, reason = $5
             WHERE image_id = $1 AND store = $2";
        execute!(
            self,
            SQL,
            id.as_str(),
            found.store.as_str(),
            found.state.as_str(),
            found.at.as_micros(),
            found.reason,
        );
        Ok(())
    }

    /// The copies that were not read since `before` and that nobody is about to read, the longest
    /// unread first, `limit` of them.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.copies.list_stale",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_stale_copies(
        &mut self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<(ImageId, StoreId)>, DbError> {
        const SQL: &str = "
            SELECT image_id, store
              FROM image_copies
             WHERE checked_at < $1
               AND NOT EXISTS (SELECT 1
                                 FROM checks
                                WHERE checks.image_id = image_copies.image_id
                                  AND checks.store = image_copies.store)
               AND EXISTS (SELECT 1
                             FROM images
                            WHERE id = image_id AND status IN ('active', 'deactivated'))
             ORDER BY checked_at, image_id, store
             LIMIT $2";
        fetch_all!(
            self,
            (String, String),
            SQL,
            before.as_micros(),
            i64::from(limit)
        )
        .into_iter()
        .map(|(id, store)| {
            let cell = Cell {
                table: "image_copies",
                row: &id,
            };
            Ok((cell.parse(&id)?, cell.parse(&store)?))
        })
        .collect()
    }
}
