//! Image caches: what those of nodes hold, and what they are asked to fetch.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all},
    },
    domain::{CachedBytes, CachedImage, ImageId, Timestamp},
};

/// What happened to an image in the cache of a node.
#[derive(Debug, Clone, Copy)]
pub struct CacheNote<'a> {
    /// The image.
    pub image: ImageId,
    /// The file that has its bytes.
    pub file: &'a str,
    /// How often it was given out of the cache.
    pub hits: u64,
    /// When it was put into the cache, if it was.
    pub cached_at: Option<Timestamp>,
    /// When it was used last.
    pub used_at: Timestamp,
}

#[derive(Debug, sqlx::FromRow)]
struct CachedImageRow {
    image_id: String,
    file: String,
    hits: i64,
    cached_at: i64,
    used_at: i64,
    size: Option<i64>,
    checksum: Option<String>,
}

impl TryFrom<CachedImageRow> for CachedImage {
    type Error = DbError;

    fn try_from(row: CachedImageRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "cached_images",
            row: &row.image_id,
        };
        let checksum = row.checksum;
        let about = row.size.map(|size| CachedBytes {
            size: size.unsigned_abs(),
            checksum,
        });
        Ok(Self {
            image: cell.parse(&row.image_id)?,
            file: row.file,
            hits: row.hits.unsigned_abs(),
            cached_at: Timestamp::from_micros(row.cached_at),
            used_at: Timestamp::from_micros(row.used_at),
            about,
        })
    }
}

impl Session {
    /// Adds what happened to an image in the cache of `node` to what is known.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.cached.note",
        skip_all, fields(image.id = %event.image), err(level = "debug")
    )]
    pub async fn note_cached(&mut self, node: &str, event: CacheNote<'_>) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO cached_images (node, image_id, file, hits, cached_at, used_at)
            VALUES ($1, $2, $3, $4, COALESCE($5, $6), $6)
                ON CONFLICT (node, image_id)
                DO UPDATE SET file = excluded.file,
                              hits = cached_images.hits + excluded.hits,
                              cached_at = COALESCE($5, cached_images.cached_at),
                              used_at = excluded.used_at";
        execute!(
            self,
            SQL,
            node,
            event.image.as_str(),
            event.file,
            i64::try_from(event.hits).unwrap_or(i64::MAX),
            event.cached_at.map(Timestamp::as_micros),
            event.used_at.as_micros(),
        );
        Ok(())
    }

    /// What the cache of `node` holds, the image that was put into it first at the beginning.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.cached.list",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_cached(&mut self, node: &str) -> Result<Vec<CachedImage>, DbError> {
        const SQL: &str = "
            SELECT cached_images.image_id, file, hits, cached_at, used_at, size, checksum
              FROM cached_images
              LEFT JOIN images
                ON images.id = cached_images.image_id
               AND images.status IN ('active', 'deactivated')
             WHERE node = $1
             ORDER BY cached_at, cached_images.image_id";
        fetch_all!(self, CachedImageRow, SQL, node)
            .into_iter()
            .map(CachedImage::try_from)
            .collect()
    }

    /// The nodes whose caches hold the image, by their names.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.cached.nodes",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn list_cached_nodes(&mut self, id: ImageId) -> Result<Vec<String>, DbError> {
        const SQL: &str = "
            SELECT node
              FROM cached_images
             WHERE image_id = $1
             ORDER BY node";
        let rows = fetch_all!(self, (String,), SQL, id.as_str());
        Ok(rows.into_iter().map(|(node,)| node).collect())
    }

    /// The cache of `node` does not hold the image any more; tells whether it was thought to.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.cached.remove",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn remove_cached(&mut self, node: &str, id: ImageId) -> Result<bool, DbError> {
        const SQL: &str = "
            DELETE FROM cached_images
             WHERE node = $1 AND image_id = $2";
        Ok(execute!(self, SQL, node, id.as_str()) > 0)
    }

    /// Asks `node` to bring the image into its cache, unless it is asked already.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.to_cache.ask",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn ask_to_cache(
        &mut self,
        node: &str,
        id: ImageId,
        at: Timestamp,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO images_to_cache (node, image_id, asked_at)
            VALUES ($1, $2, $3)
                ON CONFLICT (node, image_id) DO NOTHING";
        execute!(self, SQL, node, id.as_str(), at.as_micros());
        Ok(())
    }

    /// The images that `node` is asked to bring into its cache, in the order of the asking.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.to_cache.list",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_to_cache(&mut self, node: &str) -> Result<Vec<ImageId>, DbError> {
        const SQL: &str = "
            SELECT image_id
              FROM images_to_cache
             WHERE node = $1
             ORDER BY asked_at, image_id";
        let rows = fetch_all!(self, (String,), SQL, node);
        let parse = |(id,): (String,)| {
            let cell = Cell {
                table: "images_to_cache",
                row: &id,
            };
            cell.parse(&id)
        };
        rows.into_iter().map(parse).collect()
    }

    /// Asks `node` no more to bring the image into its cache; tells whether it was asked.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.to_cache.end",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn end_to_cache(&mut self, node: &str, id: ImageId) -> Result<bool, DbError> {
        const SQL: &str = "
            DELETE FROM images_to_cache
             WHERE node = $1 AND image_id = $2";
        Ok(execute!(self, SQL, node, id.as_str()) > 0)
    }
}
