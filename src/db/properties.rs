//! Custom properties.

use crate::{
    db::{DbError, Session, session::execute},
    domain::{Image, ImageId},
};

impl Session {
    /// Sets one property, and leaves `updated_at` as it is. An image that is deleted, or never
    /// was, keeps having none.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if the name is empty or longer than 255 characters.
    #[tracing::instrument(
        level = "debug", name = "db.properties.set",
        skip_all, fields(image.id = %id, property = name), err(level = "debug")
    )]
    pub async fn set_property(
        &mut self,
        id: ImageId,
        name: &str,
        value: Option<&str>,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO image_properties (image_id, name, value)
            SELECT id, $2, $3
              FROM images
             WHERE id = $1 AND status <> 'deleted'
                ON CONFLICT (image_id, name) DO UPDATE SET value = excluded.value";
        execute!(self, SQL, id.as_str(), name, value);
        Ok(())
    }

    /// Removes one property, leaves `updated_at` as it is, and tells whether it was there.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.properties.remove",
        skip_all, fields(image.id = %id, property = name), err(level = "debug")
    )]
    pub async fn remove_property(&mut self, id: ImageId, name: &str) -> Result<bool, DbError> {
        const SQL: &str = "
            DELETE FROM image_properties
             WHERE image_id = $1 AND name = $2";
        Ok(execute!(self, SQL, id.as_str(), name) > 0)
    }

    /// Makes the properties of `stored` those of `wanted`.
    pub(super) async fn replace_properties(
        &mut self,
        stored: &Image,
        wanted: &Image,
    ) -> Result<(), DbError> {
        let gone: Vec<&str> = stored
            .properties
            .keys()
            .filter(|name| !wanted.properties.contains_key(*name))
            .map(String::as_str)
            .collect();
        for name in gone {
            self.remove_property(stored.id, name).await?;
        }
        let changed = wanted
            .properties
            .iter()
            .filter(|(name, value)| stored.properties.get(*name) != Some(*value))
            .map(|(name, value)| (name.as_str(), value.as_deref()));
        self.write_properties(stored.id, changed).await
    }
}
