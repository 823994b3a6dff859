//! Claims: who holds an image while data arrives.

use uuid::Uuid;

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_optional},
    },
    domain::{ImageId, Timestamp},
};

/// The right to bring data into an image, for a while.
///
/// Whoever holds it renews it while data moves. Once it lapsed, anybody may take it over, to
/// clear up what the holder left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The image.
    pub image_id: ImageId,
    /// Who holds it.
    pub holder: Uuid,
    /// When it lapses unless it is renewed.
    pub lease_until: Timestamp,
}

#[derive(Debug, sqlx::FromRow)]
struct ClaimRow {
    image_id: String,
    holder: String,
    lease_until: i64,
}

impl TryFrom<ClaimRow> for Claim {
    type Error = DbError;

    fn try_from(row: ClaimRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "image_claims",
            row: &row.image_id,
        };
        Ok(Self {
            image_id: cell.parse(&row.image_id)?,
            holder: cell.parse(&row.holder)?,
            lease_until: Timestamp::from_micros(row.lease_until),
        })
    }
}

impl Session {
    /// Claims the image for `holder`.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if somebody holds it, also when the claim lapsed;
    /// [`DbError::Refused`] if there is no such image.
    #[tracing::instrument(
        level = "debug", name = "db.claims.insert",
        skip_all, fields(image.id = %id, %holder), err(level = "debug")
    )]
    pub async fn insert_claim(
        &mut self,
        id: ImageId,
        holder: Uuid,
        until: Timestamp,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO image_claims (image_id, holder, lease_until)
            VALUES ($1, $2, $3)
                ON CONFLICT (image_id) DO NOTHING";
        let inserted = execute!(
            self,
            SQL,
            id.as_str(),
            holder.to_string(),
            until.as_micros()
        );
        if inserted == 0 {
            return Err(DbError::Taken { what: "image" });
        }
        Ok(())
    }

    /// Moves the end of the lease, and tells whether `holder` still has the claim and the image
    /// is still there.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.claims.renew",
        skip_all, fields(image.id = %id, %holder), err(level = "debug")
    )]
    pub async fn renew_claim(
        &mut self,
        id: ImageId,
        holder: Uuid,
        until: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE image_claims
               SET lease_until = $3
             WHERE image_id = $1 AND holder = $2
               AND EXISTS (SELECT 1
                             FROM images
                            WHERE id = $1 AND status <> 'deleted')";
        let renewed = execute!(
            self,
            SQL,
            id.as_str(),
            holder.to_string(),
            until.as_micros()
        );
        Ok(renewed > 0)
    }

    /// Gives the claim up, and tells whether `holder` still had it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.claims.release",
        skip_all, fields(image.id = %id, %holder), err(level = "debug")
    )]
    pub async fn release_claim(&mut self, id: ImageId, holder: Uuid) -> Result<bool, DbError> {
        const SQL: &str = "
            DELETE FROM image_claims
             WHERE image_id = $1 AND holder = $2";
        Ok(execute!(self, SQL, id.as_str(), holder.to_string()) > 0)
    }

    /// The claim on the image, lapsed or not.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.claims.find",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn find_claim(&mut self, id: ImageId) -> Result<Option<Claim>, DbError> {
        const SQL: &str = "
            SELECT image_id, holder, lease_until
              FROM image_claims
             WHERE image_id = $1";
        fetch_optional!(self, ClaimRow, SQL, id.as_str())
            .map(Claim::try_from)
            .transpose()
    }

    /// Takes over one claim that lapsed before `now`, and gives it as `new_holder` has it.
    /// Of several who try at once, each gets another claim or none.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.claims.take_lapsed",
        skip_all, fields(holder = %new_holder), err(level = "debug")
    )]
    pub async fn take_lapsed_claim(
        &mut self,
        now: Timestamp,
        new_holder: Uuid,
        until: Timestamp,
    ) -> Result<Option<Claim>, DbError> {
        let sql = self.statements().take_lapsed_claim;
        fetch_optional!(
            self,
            ClaimRow,
            sql,
            now.as_micros(),
            new_holder.to_string(),
            until.as_micros(),
        )
        .map(Claim::try_from)
        .transpose()
    }
}
