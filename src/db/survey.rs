//! How the copies of images stand, store by store, for who is about to change the registry.

use crate::{
    db::{DbError, Session, rows::Cell, session::fetch_all},
    domain::StoreId,
};

/// The copies that a store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiesOfStore {
    /// The store, which need not be configured any more.
    pub store: StoreId,
    /// How many there are.
    pub all: u64,
    /// How many of them were not what they should be when they were read last.
    pub unsound: u64,
}

impl Session {
    /// The copies of images that are not deleted, by their stores.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row names a store that cannot be.
    #[tracing::instrument(
        level = "debug",
        name = "db.survey.copies",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_copies(&mut self) -> Result<Vec<CopiesOfStore>, DbError> {
        const SQL: &str = "
            SELECT image_copies.store, COUNT(*),
                   COUNT(CASE WHEN state IN ('damaged', 'missing', 'unreadable') THEN 1 END)
              FROM image_copies
              JOIN images
                ON images.id = image_copies.image_id
             WHERE images.status <> 'deleted'
             GROUP BY image_copies.store
             ORDER BY image_copies.store";
        fetch_all!(self, (String, i64, i64), SQL)
            .into_iter()
            .map(|(store, all, unsound)| {
                let cell = Cell {
                    table: "image_copies",
                    row: &store,
                };
                Ok(CopiesOfStore {
                    store: cell.parse(&store)?,
                    all: all.unsigned_abs(),
                    unsound: unsound.unsigned_abs(),
                })
            })
            .collect()
    }
}
