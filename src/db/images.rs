//! Images: what is said of them.

use sqlx::FromRow as _;

use crate::{
    db::{
        DbError, Session,
        rows::{Cell, ImageRow, bytes},
        satellites::JoinedRow,
        session::{execute, fetch_optional, on_engine},
    },
    domain::{Algorithm, Image, ImageId, ImageStatus},
};

impl Session {
    /// Inserts a new image with all that belongs to it.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if there is, or ever was, an image of this id.
    #[tracing::instrument(
        level = "debug", name = "db.images.insert",
        skip_all, fields(image.id = %image.id), err(level = "debug")
    )]
    pub async fn insert_image(&mut self, image: &Image) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO images (id, name, disk_format, container_format, visibility, status, owner,
                                size, virtual_size, checksum, os_hash_algo, os_hash_value,
                                min_disk, min_ram, protected, os_hidden, created_at, updated_at)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18
             WHERE NOT EXISTS (SELECT 1 FROM image_tombstones WHERE id = $1)
                ON CONFLICT (id) DO NOTHING";
        let inserted = execute!(
            self,
            SQL,
            image.id.as_str(),
            image.name.as_deref(),
            image.disk_format.as_deref(),
            image.container_format.as_deref(),
            image.visibility.as_str(),
            image.status.as_str(),
            image.owner.as_deref(),
            image.size.map(bytes),
            image.virtual_size.map(bytes),
            image.checksum.as_deref(),
            image.os_hash_algo.as_ref().map(Algorithm::as_str),
            image.os_hash_value.as_deref(),
            i64::from(image.min_disk),
            i64::from(image.min_ram),
            image.protected,
            image.os_hidden,
            image.created_at.as_micros(),
            image.updated_at.as_micros(),
        );
        if inserted == 0 {
            return Err(DbError::Taken { what: "image id" });
        }
        let properties = image.properties.iter();
        self.write_properties(
            image.id,
            properties.map(|(name, value)| (name.as_str(), value.as_deref())),
        )
        .await?;
        self.write_tags(image.id, &image.tags).await?;
        self.write_locations(image.id, &image.locations).await
    }

    /// The image with all that belongs to it, unless it is deleted.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.images.find",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn find_image(&mut self, id: ImageId) -> Result<Option<Image>, DbError> {
        // One round trip: the image's own columns come again with each satellite, and are read
        // from the first row only.
        const SQL: &str = "
            SELECT images.id, images.name, disk_format, container_format, visibility, status,
                   owner, size, virtual_size, checksum, os_hash_algo, os_hash_value,
                   min_disk, min_ram, protected, os_hidden, created_at, updated_at,
                   satellites.kind AS satellite_kind, satellites.name AS satellite_name,
                   satellites.value AS satellite_value, satellites.extra AS satellite_extra
              FROM images
              LEFT JOIN (SELECT 'property' AS kind, 0 AS position, name, value, NULL AS extra
                           FROM image_properties
                          WHERE image_id = $1
                          UNION ALL
                         SELECT 'tag', 0, tag, NULL, NULL
                           FROM image_tags
                          WHERE image_id = $1
                          UNION ALL
                         SELECT 'location', position, store, url, metadata
                           FROM image_locations
                          WHERE image_id = $1) AS satellites
                ON TRUE
             WHERE images.id = $1 AND status <> 'deleted'
             ORDER BY satellites.position";
        on_engine!(self, |connection| {
            let rows = sqlx::query(SQL)
                .bind(id.as_str())
                .fetch_all(connection)
                .await?;
            let Some(first) = rows.first() else {
                return Ok(None);
            };
            let mut image = Image::try_from(ImageRow::from_row(first)?)?;
            for row in &rows {
                JoinedRow::from_row(row)?.add_to(&mut image)?;
            }
            Ok(Some(image))
        })
    }

    /// Keeps others from changing the image until this transaction ends, so that what is read
    /// of it from here on is what is changed.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.images.lock",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn lock_image(&mut self, id: ImageId) -> Result<(), DbError> {
        let sql = self.statements().lock_image;
        fetch_optional!(self, (String,), sql, id.as_str());
        Ok(())
    }

    /// Where the image stands in its life, also when it is deleted, and when only its tombstone is
    /// left.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.images.find_status",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn find_status(&mut self, id: ImageId) -> Result<Option<ImageStatus>, DbError> {
        const SQL: &str = "
            SELECT status
              FROM images
             WHERE id = $1
             UNION ALL
            SELECT 'deleted'
              FROM image_tombstones
             WHERE id = $1";
        let cell = Cell {
            table: "images",
            row: id.as_str(),
        };
        fetch_optional!(self, (String,), SQL, id.as_str())
            .map(|(status,)| cell.parse(&status))
            .transpose()
    }

    /// Writes all that an owner may say of the image, and tells whether it was still in the
    /// status that `image` shows. Of the properties only those that differ are touched.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if a value does not fit its column.
    #[tracing::instrument(
        level = "debug", name = "db.images.save_description",
        skip_all, fields(image.id = %image.id), err(level = "debug")
    )]
    pub async fn save_description(&mut self, image: &Image) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE images
               SET name = $3, disk_format = $4, container_format = $5, visibility = $6, owner = $7,
                   min_disk = $8, min_ram = $9, protected = $10, os_hidden = $11, updated_at = $12
             WHERE id = $1 AND status = $2 AND status <> 'deleted'";
        // First, for it locks the row: two that save at once do so one after the other.
        let saved = execute!(
            self,
            SQL,
            image.id.as_str(),
            image.status.as_str(),
            image.name.as_deref(),
            image.disk_format.as_deref(),
            image.container_format.as_deref(),
            image.visibility.as_str(),
            image.owner.as_deref(),
            i64::from(image.min_disk),
            i64::from(image.min_ram),
            image.protected,
            image.os_hidden,
            image.updated_at.as_micros(),
        );
        if saved == 0 {
            return Ok(false);
        }
        let Some(stored) = self.find_image(image.id).await? else {
            return Ok(false);
        };
        self.replace_properties(&stored, image).await?;
        self.replace_tags(&stored, image).await?;
        Ok(true)
    }
}
