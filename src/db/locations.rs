//! Locations: which bytes belong to which image.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all},
    },
    domain::{ImageId, StoreId},
};

impl Session {
    /// Locations of deleted images: bytes that are still to be removed, `limit` of them.
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
    pub async fn list_doomed_locations(
        &mut self,
        limit: u32,
    ) -> Result<Vec<(ImageId, StoreId)>, DbError> {
        const SQL: &str = "
            SELECT image_id, store
              FROM image_locations
             WHERE image_id IN (SELECT id
                                  FROM images
                                 WHERE status = 'deleted')
             LIMIT $1";
        fetch_all!(self, (String, String), SQL, i64::from(limit))
            .into_iter()
            .map(|(id, store)| {
                let cell = Cell {
                    table: "image_locations",
                    row: &id,
                };
                Ok((cell.parse(&id)?, cell.parse(&store)?))
            })
            .collect()
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
