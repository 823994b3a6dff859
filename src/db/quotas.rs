//! Quotas: what a project has, and what is reserved for bytes that are arriving.

use uuid::Uuid;

use crate::{
    db::{
        DbError, Session,
        rows::{Cell, bytes},
        session::{execute, fetch_optional},
    },
    domain::ImageId,
};

/// What a project has, reservations included. Sizes are in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Its images.
    pub images: u64,
    /// Its images to which data is arriving, or for which data is staged.
    pub uploading: u64,
    /// The size of each of its images as often as stores hold it.
    pub stored: u64,
    /// What is staged for its images or being imported into them.
    pub staged: u64,
}

/// Bytes that are arriving, as they count against a project's quota.
///
/// A reservation ends with the arrival, however that ends: the schema drops it when the image's
/// status changes to one in which no bytes arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation<'a> {
    /// The image they are for.
    pub image_id: ImageId,
    /// Who brings them in, and alone may change the reservation.
    pub holder: Uuid,
    /// The project they count for until they have arrived.
    pub project: &'a str,
    /// The number of bytes that go to stores.
    pub stored: u64,
    /// The number of bytes that count as staged.
    pub staged: u64,
}

#[derive(Debug, sqlx::FromRow)]
struct UsageRow {
    images: i64,
    uploading: i64,
    stored: i64,
    staged: i64,
}

impl UsageRow {
    fn of(&self, project: &str) -> Result<Usage, DbError> {
        let cell = Cell {
            table: "images",
            row: project,
        };
        Ok(Usage {
            images: cell.number(self.images)?,
            uploading: cell.number(self.uploading)?,
            stored: cell.number(self.stored)?,
            staged: cell.number(self.staged)?,
        })
    }
}

impl Session {
    /// Keeps others from reserving for the project until this transaction ends, so that what is
    /// then found of it is what is added to.
    ///
    /// Several statements: call it within a transaction, and lock no image after it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.quotas.lock",
        skip_all,
        err(level = "debug")
    )]
    pub async fn lock_project(&mut self, project: &str) -> Result<(), DbError> {
        const INSERT: &str = "
            INSERT INTO quota_projects (project)
            VALUES ($1)
                ON CONFLICT (project) DO NOTHING";
        let lock = self.statements().lock_project;
        if fetch_optional!(self, (String,), lock, project).is_none()
            && execute!(self, INSERT, project) == 0
        {
            // Somebody else has inserted it meanwhile.
            fetch_optional!(self, (String,), lock, project);
        }
        Ok(())
    }

    /// What the project has, but for what is reserved for the image `besides`. All of it is seen
    /// at one moment.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a sum is no number of bytes.
    #[tracing::instrument(
        level = "debug",
        name = "db.quotas.usage",
        skip_all,
        err(level = "debug")
    )]
    pub async fn find_usage(
        &mut self,
        project: &str,
        besides: Option<ImageId>,
    ) -> Result<Usage, DbError> {
        const SQL: &str = "
            SELECT COUNT(*) AS images,
                   CAST(COALESCE(SUM(CASE WHEN status IN ('saving', 'uploading', 'importing')
                                          THEN 1 ELSE 0 END), 0) AS BIGINT) AS uploading,
                   CAST((SELECT COALESCE(SUM(size), 0)
                           FROM images
                           JOIN image_locations ON image_id = id
                          WHERE owner = $1 AND status <> 'deleted')
                        + (SELECT COALESCE(SUM(stored), 0)
                             FROM image_reservations
                            WHERE project = $1 AND image_id <> $2) AS BIGINT) AS stored,
                   CAST(COALESCE(SUM(CASE WHEN status IN ('uploading', 'importing')
                                          THEN size ELSE 0 END), 0)
                        + (SELECT COALESCE(SUM(staged), 0)
                             FROM image_reservations
                            WHERE project = $1 AND image_id <> $2) AS BIGINT) AS staged
              FROM images
             WHERE owner = $1 AND status <> 'deleted'";
        let besides = besides.as_ref().map_or("", ImageId::as_str);
        // A sum has a row, also over nothing.
        fetch_optional!(self, UsageRow, SQL, project, besides)
            .map_or_else(|| Ok(Usage::default()), |row| row.of(project))
    }

    /// Writes the reservation, in the place of any that the image had.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if there is no such image.
    #[tracing::instrument(
        level = "debug", name = "db.quotas.reserve",
        skip_all, fields(image.id = %reservation.image_id), err(level = "debug")
    )]
    pub async fn save_reservation(&mut self, reservation: &Reservation<'_>) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO image_reservations (image_id, holder, project, stored, staged)
            VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (image_id) DO UPDATE
               SET holder = $2, project = $3, stored = $4, staged = $5";
        execute!(
            self,
            SQL,
            reservation.image_id.as_str(),
            reservation.holder.to_string(),
            reservation.project,
            bytes(reservation.stored),
            bytes(reservation.staged),
        );
        Ok(())
    }

    /// The project whose quota is reserved for bytes of the image, if one is.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.quotas.find",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn find_reserving_project(&mut self, id: ImageId) -> Result<Option<String>, DbError> {
        const SQL: &str = "
            SELECT project
              FROM image_reservations
             WHERE image_id = $1";
        let found = fetch_optional!(self, (String,), SQL, id.as_str());
        Ok(found.map(|(project,)| project))
    }

    /// Changes the numbers of bytes, and tells whether the reservation is still the holder's.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.quotas.grow",
        skip_all, fields(image.id = %grown.image_id), err(level = "debug")
    )]
    pub async fn grow_reservation(&mut self, grown: &Reservation<'_>) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE image_reservations
               SET stored = $3, staged = $4
             WHERE image_id = $1 AND holder = $2";
        let changed = execute!(
            self,
            SQL,
            grown.image_id.as_str(),
            grown.holder.to_string(),
            bytes(grown.stored),
            bytes(grown.staged),
        );
        Ok(changed > 0)
    }

    /// Gives back what `holder` has reserved for the image, if it still has.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.quotas.drop",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn drop_reservation(&mut self, id: ImageId, holder: Uuid) -> Result<(), DbError> {
        const SQL: &str = "
            DELETE FROM image_reservations
             WHERE image_id = $1 AND holder = $2";
        execute!(self, SQL, id.as_str(), holder.to_string());
        Ok(())
    }
}
