//! Purging the rows of images that were deleted long ago: what stays of each is a tombstone.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all, fetch_optional},
    },
    domain::{ImageId, Timestamp},
};

/// What belongs to an image, and goes with its row. The bytes are gone before, and so are the
/// tasks; receipts stay.
pub(super) const SATELLITES: [&str; 9] = [
    "DELETE FROM image_properties
      WHERE image_id = $1",
    "DELETE FROM image_tags
      WHERE image_id = $1",
    "DELETE FROM image_members
      WHERE image_id = $1",
    "DELETE FROM image_reservations
      WHERE image_id = $1",
    "DELETE FROM image_digests
      WHERE image_id = $1",
    "DELETE FROM published_digests
      WHERE image_id = $1",
    "DELETE FROM image_copies
      WHERE image_id = $1",
    "DELETE FROM image_originals
      WHERE image_id = $1",
    "DELETE FROM checks
      WHERE image_id = $1",
];

impl Session {
    /// The images that were deleted before `before`, the first to go first, `limit` of them at
    /// most: those of which no bytes are left, and that nobody works on or has a task of.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row names an image that cannot be.
    #[tracing::instrument(
        level = "debug",
        name = "db.purge.list",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_purgeable(
        &mut self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<ImageId>, DbError> {
        const SQL: &str = "
            SELECT id
              FROM images
             WHERE status = 'deleted' AND deleted_at < $1
               AND NOT EXISTS (SELECT 1 FROM image_locations WHERE image_id = images.id)
               AND NOT EXISTS (SELECT 1 FROM image_claims WHERE image_id = images.id)
               AND NOT EXISTS (SELECT 1 FROM tasks WHERE image_id = images.id)
             ORDER BY deleted_at, id
             LIMIT $2";
        fetch_all!(self, (String,), SQL, before.as_micros(), i64::from(limit))
            .into_iter()
            .map(|(id,)| {
                let cell = Cell {
                    table: "images",
                    row: &id,
                };
                cell.parse(&id)
            })
            .collect()
    }

    /// Whether only a tombstone is left of the image.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.purge.is_purged",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn is_purged(&mut self, id: ImageId) -> Result<bool, DbError> {
        const SQL: &str = "
            SELECT id
              FROM image_tombstones
             WHERE id = $1";
        Ok(fetch_optional!(self, (String,), SQL, id.as_str()).is_some())
    }

    /// Purges one of those images, and tells whether it still was one.
    ///
    /// Several statements: call it within a transaction that has locked the image.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.purge.image",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn purge_image(&mut self, id: ImageId, before: Timestamp) -> Result<bool, DbError> {
        const TOMBSTONE: &str = "
            INSERT INTO image_tombstones (id, checksum, os_hash_algo, os_hash_value, deleted_at)
            SELECT id, checksum, os_hash_algo, os_hash_value, deleted_at
              FROM images
             WHERE id = $1 AND status = 'deleted' AND deleted_at < $2
               AND NOT EXISTS (SELECT 1 FROM image_locations WHERE image_id = images.id)
               AND NOT EXISTS (SELECT 1 FROM image_claims WHERE image_id = images.id)
               AND NOT EXISTS (SELECT 1 FROM tasks WHERE image_id = images.id)";
        const IMAGE: &str = "
            DELETE FROM images
             WHERE id = $1";
        if execute!(self, TOMBSTONE, id.as_str(), before.as_micros()) == 0 {
            return Ok(false);
        }
        for satellite in SATELLITES {
            execute!(self, satellite, id.as_str());
        }
        execute!(self, IMAGE, id.as_str());
        Ok(true)
    }
}
