//! The bytes that somebody published, where others are kept for them.

use crate::{
    db::{
        DbError, Session,
        rows::{Cell, bytes},
        session::{execute, fetch_optional},
    },
    domain::{ExpectedDigests, ImageId, Original},
};

#[derive(Debug, sqlx::FromRow)]
struct OriginalRow {
    size: i64,
    forms: String,
    digests: String,
}

impl Session {
    /// Writes down what the bytes of the image were made of.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if there is no such image.
    #[tracing::instrument(
        level = "debug", name = "db.originals.save",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn save_original(&mut self, id: ImageId, original: &Original) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO image_originals (image_id, size, forms, digests)
            VALUES ($1, $2, $3, $4)
                ON CONFLICT (image_id) DO UPDATE
               SET size = excluded.size, forms = excluded.forms, digests = excluded.digests";
        let digests: Vec<String> = original.digests.iter().map(ToString::to_string).collect();
        execute!(
            self,
            SQL,
            id.as_str(),
            bytes(original.size),
            original.forms.join(","),
            digests.join(","),
        );
        Ok(())
    }

    /// What the bytes of the image were made of, if they were.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.originals.find",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn find_original(&mut self, id: ImageId) -> Result<Option<Original>, DbError> {
        const SQL: &str = "
            SELECT size, forms, digests
              FROM image_originals
             WHERE image_id = $1";
        let cell = Cell {
            table: "image_originals",
            row: id.as_str(),
        };
        let Some(row) = fetch_optional!(self, OriginalRow, SQL, id.as_str()) else {
            return Ok(None);
        };
        let digests: ExpectedDigests = cell.parse(&row.digests)?;
        Ok(Some(Original {
            size: cell.number(row.size)?,
            digests: digests.iter().cloned().collect(),
            forms: row.forms.split(',').map(str::to_owned).collect(),
        }))
    }
}
