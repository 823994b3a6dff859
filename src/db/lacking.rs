//! Images of which a digest is not known yet.

use crate::{
    db::{DbError, Session, rows::Cell, session::fetch_optional},
    domain::{Algorithm, ImageId},
};

/// How many images lack a digest, and how many bytes they have together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lacking {
    /// The number of images.
    pub images: u64,
    /// The number of bytes.
    pub bytes: u64,
}

/// `algorithms` as the statements take them: a text in which each has a comma on either side. No
/// implemented algorithm has a comma in its name.
fn listed(algorithms: &[Algorithm]) -> String {
    let names: Vec<_> = algorithms.iter().map(Algorithm::as_str).collect();
    format!(",{},", names.join(","))
}

/// How many they are.
fn number(algorithms: &[Algorithm]) -> i64 {
    i64::try_from(algorithms.len()).unwrap_or(i64::MAX)
}

impl Session {
    /// The images with data that lack a digest under one of `algorithms`, which are all different.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.lacking.count",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_lacking(&mut self, algorithms: &[Algorithm]) -> Result<Lacking, DbError> {
        const SQL: &str = "
            SELECT COUNT(*) AS images, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes
              FROM images
             WHERE status IN ('active', 'deactivated')
               AND (SELECT COUNT(DISTINCT algorithm)
                      FROM image_digests
                     WHERE image_id = images.id
                       AND $1 LIKE '%,' || algorithm || ',%') < $2";
        let row = fetch_optional!(
            self,
            (i64, i64),
            SQL,
            listed(algorithms),
            number(algorithms)
        );
        let (images, bytes) = row.unwrap_or_default();
        Ok(Lacking {
            images: images.unsigned_abs(),
            bytes: bytes.unsigned_abs(),
        })
    }

    /// The first of those images whose id is greater than `after`.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.lacking.next",
        skip_all,
        err(level = "debug")
    )]
    pub async fn next_lacking(
        &mut self,
        algorithms: &[Algorithm],
        after: Option<ImageId>,
    ) -> Result<Option<ImageId>, DbError> {
        const SQL: &str = "
            SELECT id
              FROM images
             WHERE status IN ('active', 'deactivated') AND id > $3
               AND (SELECT COUNT(DISTINCT algorithm)
                      FROM image_digests
                     WHERE image_id = images.id
                       AND $1 LIKE '%,' || algorithm || ',%') < $2
             ORDER BY id
             LIMIT 1";
        let row = fetch_optional!(
            self,
            (String,),
            SQL,
            listed(algorithms),
            number(algorithms),
            after.map_or_else(String::new, |id| id.to_string())
        );
        row.map(|(id,)| {
            let cell = Cell {
                table: "images",
                row: &id,
            };
            cell.parse(&id)
        })
        .transpose()
    }

    /// Whether the image lacks a digest under one of `algorithms`, which are all different.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.lacking.one",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn lacks_digest(
        &mut self,
        id: ImageId,
        algorithms: &[Algorithm],
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            SELECT COUNT(DISTINCT algorithm)
              FROM image_digests
             WHERE image_id = $1
               AND $2 LIKE '%,' || algorithm || ',%'";
        let row = fetch_optional!(self, (i64,), SQL, id.as_str(), listed(algorithms));
        Ok(row.is_none_or(|(known,)| known < number(algorithms)))
    }
}
