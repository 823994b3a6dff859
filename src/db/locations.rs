//! Locations: which bytes belong to which image.

use std::collections::BTreeSet;

use sea_query::{Expr, ExprTrait as _, PostgresQueryBuilder, Query, SqliteQueryBuilder};
use sea_query_sqlx::SqlxBinder as _;
use sqlx::AssertSqlSafe;

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{Engine, execute, fetch_all},
    },
    domain::{ImageId, Location, StoreId, Timestamp},
};

impl Session {
    /// Deleted images of which bytes are still to be removed, now that it is `now`, and that
    /// nobody holds; `limit` of them.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row names an image or a store that cannot be.
    #[tracing::instrument(
        level = "debug",
        name = "db.locations.list_doomed",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_doomed_images(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ImageId>, DbError> {
        const SQL: &str = "
            SELECT DISTINCT image_id
              FROM image_locations
             WHERE image_id IN (SELECT id
                                  FROM images
                                 WHERE status = 'deleted'
                                   AND (scrub_at IS NULL OR scrub_at <= $1))
               AND NOT EXISTS (SELECT 1
                                 FROM image_claims
                                WHERE image_claims.image_id = image_locations.image_id)
             LIMIT $2";
        fetch_all!(self, (String,), SQL, now.as_micros(), i64::from(limit))
            .into_iter()
            .map(|(id,)| {
                let cell = Cell {
                    table: "image_locations",
                    row: &id,
                };
                cell.parse(&id)
            })
            .collect()
    }

    /// Those of `ids` of which `store` holds bytes by right, also of deleted images.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row names an image that cannot be.
    #[tracing::instrument(
        level = "debug", name = "db.locations.placed",
        skip_all, fields(store.id = %store), err(level = "debug")
    )]
    pub async fn list_placed(
        &mut self,
        store: &StoreId,
        ids: &[ImageId],
    ) -> Result<BTreeSet<ImageId>, DbError> {
        let query = Query::select()
            .column("image_id")
            .from("image_locations")
            .and_where(Expr::col("store").eq(store.as_str()))
            .and_where(Expr::col("image_id").is_in(ids.iter().map(ImageId::as_str)))
            .take();
        let rows: Vec<(String,)> = match self.engine() {
            Engine::Postgres(connection) => {
                let (sql, values) = query.build_sqlx(PostgresQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_all(connection)
                    .await?
            }
            Engine::Sqlite(connection) => {
                let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_all(connection)
                    .await?
            }
        };
        rows.into_iter()
            .map(|(id,)| {
                let cell = Cell {
                    table: "image_locations",
                    row: &id,
                };
                cell.parse(&id)
            })
            .collect()
    }

    /// The stores that hold bytes of the image, also when it is deleted.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row names a store that cannot be.
    #[tracing::instrument(
        level = "debug", name = "db.locations.stores",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn list_stores_of(&mut self, id: ImageId) -> Result<Vec<StoreId>, DbError> {
        const SQL: &str = "
            SELECT store
              FROM image_locations
             WHERE image_id = $1
             ORDER BY position";
        let cell = Cell {
            table: "image_locations",
            row: id.as_str(),
        };
        fetch_all!(self, (String,), SQL, id.as_str())
            .into_iter()
            .map(|(store,)| cell.parse(&store))
            .collect()
    }

    /// Makes `locations`, best first, those of an image that has bytes, and tells whether it has:
    /// one that is deleted gets none.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.locations.save",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn save_locations(
        &mut self,
        id: ImageId,
        locations: &[Location],
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const IMAGE: &str = "
            UPDATE images
               SET updated_at = $2
             WHERE id = $1 AND status IN ('active', 'deactivated')";
        if execute!(self, IMAGE, id.as_str(), at.as_micros()) == 0 {
            return Ok(false);
        }
        self.order_locations(id, locations).await?;
        Ok(true)
    }

    /// Moves the locations that stay, so that what is known of their copies stays too, adds those
    /// that are new, and removes the others.
    async fn order_locations(
        &mut self,
        id: ImageId,
        locations: &[Location],
    ) -> Result<(), DbError> {
        const ASIDE: &str = "
            UPDATE image_locations
               SET position = position + 1000000
             WHERE image_id = $1";
        const MOVE: &str = "
            UPDATE image_locations
               SET position = $2, metadata = $5
             WHERE image_id = $1 AND store = $3 AND url = $4";
        const INSERT: &str = "
            INSERT INTO image_locations (image_id, position, store, url, metadata)
            VALUES ($1, $2, $3, $4, $5)";
        const REST: &str = "
            DELETE FROM image_locations
             WHERE image_id = $1 AND position >= 1000000";
        execute!(self, ASIDE, id.as_str());
        for (position, location) in (0_i64..).zip(locations) {
            let Location {
                store,
                url,
                metadata,
            } = location;
            let (id, store) = (id.as_str(), store.as_str());
            let (url, metadata) = (url.as_str(), metadata.as_str());
            if execute!(self, MOVE, id, position, store, url, metadata) == 0 {
                execute!(self, INSERT, id, position, store, url, metadata);
            }
        }
        execute!(self, REST, id.as_str());
        Ok(())
    }

    /// Forgets where the image's bytes are.
    pub(super) async fn delete_locations(&mut self, id: ImageId) -> Result<(), DbError> {
        const SQL: &str = "
            DELETE FROM image_locations
             WHERE image_id = $1";
        execute!(self, SQL, id.as_str());
        Ok(())
    }

    /// Forgets that `store` holds bytes of the image.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.locations.remove",
        skip_all, fields(image.id = %id, store.id = %store), err(level = "debug")
    )]
    pub async fn remove_location(&mut self, id: ImageId, store: &StoreId) -> Result<(), DbError> {
        const SQL: &str = "
            DELETE FROM image_locations
             WHERE image_id = $1 AND store = $2";
        execute!(self, SQL, id.as_str(), store.as_str());
        Ok(())
    }
}
