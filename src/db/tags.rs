//! Tags.

use crate::{
    db::{DbError, Session, session::execute},
    domain::{Image, ImageId, Timestamp},
};

impl Session {
    /// Adds a tag and tells whether it is new; if so, the image changed `at` that time.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if the tag is empty or longer than 255 characters.
    #[tracing::instrument(
        level = "debug", name = "db.tags.add",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn add_tag(
        &mut self,
        id: ImageId,
        tag: &str,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        // First, for it locks the row of the image, as all do that change its tags.
        const TOUCH: &str = "
            UPDATE images
               SET updated_at = $3
             WHERE id = $1 AND status <> 'deleted'
               AND NOT EXISTS (SELECT 1 FROM image_tags WHERE image_id = $1 AND tag = $2)";
        const ADD: &str = "
            INSERT INTO image_tags (image_id, tag)
            VALUES ($1, $2)
                ON CONFLICT (image_id, tag) DO NOTHING";
        if execute!(self, TOUCH, id.as_str(), tag, at.as_micros()) == 0 {
            return Ok(false);
        }
        Ok(execute!(self, ADD, id.as_str(), tag) > 0)
    }

    /// Removes a tag and tells whether it was there; if so, the image changed `at` that time.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.tags.remove",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn remove_tag(
        &mut self,
        id: ImageId,
        tag: &str,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const TOUCH: &str = "
            UPDATE images
               SET updated_at = $3
             WHERE id = $1 AND status <> 'deleted'
               AND EXISTS (SELECT 1 FROM image_tags WHERE image_id = $1 AND tag = $2)";
        if execute!(self, TOUCH, id.as_str(), tag, at.as_micros()) == 0 {
            return Ok(false);
        }
        self.delete_tag(id, tag).await
    }

    /// Makes the tags of `stored` those of `wanted`.
    pub(super) async fn replace_tags(
        &mut self,
        stored: &Image,
        wanted: &Image,
    ) -> Result<(), DbError> {
        for tag in stored.tags.difference(&wanted.tags) {
            self.delete_tag(stored.id, tag).await?;
        }
        self.write_tags(stored.id, wanted.tags.difference(&stored.tags))
            .await
    }

    async fn delete_tag(&mut self, id: ImageId, tag: &str) -> Result<bool, DbError> {
        const SQL: &str = "
            DELETE FROM image_tags
             WHERE image_id = $1 AND tag = $2";
        Ok(execute!(self, SQL, id.as_str(), tag) > 0)
    }
}
