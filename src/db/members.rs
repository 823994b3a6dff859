//! Members: the projects an image is shared with.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all, fetch_optional},
    },
    domain::{ImageId, Member, MemberStatus, Timestamp},
};

#[derive(Debug, sqlx::FromRow)]
struct MemberRow {
    image_id: String,
    member_id: String,
    status: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<MemberRow> for Member {
    type Error = DbError;

    fn try_from(row: MemberRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "image_members",
            row: &row.image_id,
        };
        Ok(Self {
            image_id: cell.parse(&row.image_id)?,
            status: cell.parse(&row.status)?,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
            member_id: row.member_id,
        })
    }
}

impl Session {
    /// Inserts a membership.
    ///
    /// # Errors
    ///
    /// [`DbError::Taken`] if the project is a member already, [`DbError::Refused`] if there is
    /// no such image.
    #[tracing::instrument(
        level = "debug", name = "db.members.insert",
        skip_all, fields(image.id = %member.image_id), err(level = "debug")
    )]
    pub async fn insert_member(&mut self, member: &Member) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO image_members (image_id, member_id, status, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (image_id, member_id) DO NOTHING";
        let inserted = execute!(
            self,
            SQL,
            member.image_id.as_str(),
            member.member_id.as_str(),
            member.status.as_str(),
            member.created_at.as_micros(),
            member.updated_at.as_micros(),
        );
        if inserted == 0 {
            return Err(DbError::Taken { what: "membership" });
        }
        Ok(())
    }

    /// The membership of the project `member`.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if the row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.members.find",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn find_member(
        &mut self,
        id: ImageId,
        member: &str,
    ) -> Result<Option<Member>, DbError> {
        const SQL: &str = "
            SELECT image_id, member_id, status, created_at, updated_at
              FROM image_members
             WHERE image_id = $1 AND member_id = $2";
        fetch_optional!(self, MemberRow, SQL, id.as_str(), member)
            .map(Member::try_from)
            .transpose()
    }

    /// The members of an image, the oldest membership first.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.members.list",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn list_members(&mut self, id: ImageId) -> Result<Vec<Member>, DbError> {
        const SQL: &str = "
            SELECT image_id, member_id, status, created_at, updated_at
              FROM image_members
             WHERE image_id = $1
             ORDER BY created_at, member_id";
        fetch_all!(self, MemberRow, SQL, id.as_str())
            .into_iter()
            .map(Member::try_from)
            .collect()
    }

    /// How many members an image has.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.members.count",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn count_members(&mut self, id: ImageId) -> Result<u64, DbError> {
        const SQL: &str = "
            SELECT COUNT(*)
              FROM image_members
             WHERE image_id = $1";
        let count = fetch_optional!(self, (i64,), SQL, id.as_str());
        Ok(count.map_or(0, |(count,)| count.unsigned_abs()))
    }

    /// Changes what the project `member` says to the image, and tells whether it is a member.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.members.update_status",
        skip_all, fields(image.id = %id, to = %status), err(level = "debug")
    )]
    pub async fn update_member_status(
        &mut self,
        id: ImageId,
        member: &str,
        status: MemberStatus,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE image_members
               SET status = $3, updated_at = $4
             WHERE image_id = $1 AND member_id = $2";
        let updated = execute!(
            self,
            SQL,
            id.as_str(),
            member,
            status.as_str(),
            at.as_micros()
        );
        Ok(updated > 0)
    }

    /// Ends the membership of the project `member`, and tells whether there was one.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.members.delete",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn delete_member(&mut self, id: ImageId, member: &str) -> Result<bool, DbError> {
        const SQL: &str = "
            DELETE FROM image_members
             WHERE image_id = $1 AND member_id = $2";
        Ok(execute!(self, SQL, id.as_str(), member) > 0)
    }
}
