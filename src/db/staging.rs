//! Staging areas that only some nodes have: when each was seen last, and what is staged where.

use uuid::Uuid;

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all, fetch_optional},
    },
    domain::{ImageId, Timestamp},
};

/// A staging area that was forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostArea {
    /// What it is known by.
    pub id: Uuid,
    /// The node that had it last, if it had a name.
    pub node: Option<String>,
}

#[derive(Debug, sqlx::FromRow)]
struct AreaRow {
    id: String,
    node: Option<String>,
}

impl TryFrom<AreaRow> for LostArea {
    type Error = DbError;

    fn try_from(row: AreaRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "staging_areas",
            row: &row.id,
        };
        Ok(Self {
            id: cell.parse(&row.id)?,
            node: row.node,
        })
    }
}

impl Session {
    /// The staging area in which the image's bytes are staged; none: nothing is staged, or where
    /// all nodes have it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.staging.find",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn find_staging_area(&mut self, id: ImageId) -> Result<Option<Uuid>, DbError> {
        const SQL: &str = "
            SELECT staged_in
              FROM images
             WHERE id = $1";
        let row = fetch_optional!(self, (Option<String>,), SQL, id.as_str());
        let cell = Cell {
            table: "images",
            row: id.as_str(),
        };
        let area = row.and_then(|(area,)| area);
        area.map(|area| cell.parse(&area)).transpose()
    }

    /// Makes the staging area known, which was seen at `now`. One that is known keeps its name.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.staging.insert_area",
        skip_all, fields(area.id = %id), err(level = "debug")
    )]
    pub async fn insert_staging_area(
        &mut self,
        id: Uuid,
        node: Option<&str>,
        now: Timestamp,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO staging_areas (id, node, seen_at)
            VALUES ($1, $2, $3)
                ON CONFLICT (id)
                DO UPDATE SET seen_at = excluded.seen_at
                 WHERE excluded.seen_at > staging_areas.seen_at";
        execute!(self, SQL, id.to_string(), node, now.as_micros());
        Ok(())
    }

    /// The staging area was seen at `now`, by somebody who imports what is staged there.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.staging.see_area",
        skip_all, fields(area.id = %id), err(level = "debug")
    )]
    pub async fn see_staging_area(
        &mut self,
        id: Uuid,
        node: Option<&str>,
        now: Timestamp,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO staging_areas (id, node, seen_at)
            VALUES ($1, $2, $3)
                ON CONFLICT (id)
                DO UPDATE SET node = COALESCE(excluded.node, staging_areas.node),
                              seen_at = excluded.seen_at";
        execute!(self, SQL, id.to_string(), node, now.as_micros());
        Ok(())
    }

    /// Forgets the staging areas that nobody has seen since `before`, and gives them, in no order.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.staging.forget_areas",
        skip_all,
        err(level = "debug")
    )]
    pub async fn forget_staging_areas(
        &mut self,
        before: Timestamp,
    ) -> Result<Vec<LostArea>, DbError> {
        const SQL: &str = "
            DELETE FROM staging_areas
             WHERE seen_at < $1
         RETURNING id, node";
        fetch_all!(self, AreaRow, SQL, before.as_micros())
            .into_iter()
            .map(LostArea::try_from)
            .collect()
    }

    /// Forgets the staging areas that `node` had before it had `current`: nobody has seen them
    /// since `before`. Gives them, in no order.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.staging.forget_former",
        skip_all, fields(area.id = %current), err(level = "debug")
    )]
    pub async fn forget_former_areas(
        &mut self,
        node: &str,
        current: Uuid,
        before: Timestamp,
    ) -> Result<Vec<LostArea>, DbError> {
        const SQL: &str = "
            DELETE FROM staging_areas
             WHERE node = $1 AND id <> $2 AND seen_at < $3
         RETURNING id, node";
        fetch_all!(
            self,
            AreaRow,
            SQL,
            node,
            current.to_string(),
            before.as_micros()
        )
        .into_iter()
        .map(LostArea::try_from)
        .collect()
    }
}
