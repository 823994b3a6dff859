//! Receipts of verifications: which are still to be signed, and the one chain of those that are.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all, fetch_optional},
    },
    domain::{ChainEnd, Digests, ExpectedDigests, Failure, ImageId, Timestamp, Verification},
};

/// A verification whose receipt is still to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// Its place among the others.
    pub entry: i64,
    /// What the receipt is to say.
    pub verification: Verification,
}

#[derive(Debug, sqlx::FromRow)]
struct UnsignedRow {
    entry: i64,
    image_id: String,
    store: String,
    source: String,
    digests: String,
    verified_at: i64,
    failure: Option<String>,
    expected: Option<String>,
}

impl TryFrom<UnsignedRow> for Unsigned {
    type Error = DbError;

    fn try_from(row: UnsignedRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "receipts",
            row: &row.entry.to_string(),
        };
        let read = |text: &str| match text {
            "" => Ok(ExpectedDigests::default()),
            text => cell.parse(text),
        };
        let found = read(&row.digests)?;
        let failure = row.failure.as_deref().zip(row.expected.as_deref());
        let failure = failure.map(|(state, expected)| {
            Ok::<_, DbError>(Failure {
                state: cell.parse(state)?,
                expected: read(expected)?,
            })
        });
        Ok(Self {
            entry: row.entry,
            verification: Verification {
                image: cell.parse(&row.image_id)?,
                store: cell.parse(&row.store)?,
                occasion: cell.parse(&row.source)?,
                digests: found.iter().cloned().collect(),
                failure: failure.transpose()?,
                at: Timestamp::from_micros(row.verified_at),
            },
        })
    }
}

/// Digests as `alg:hex`, separated by commas.
fn written(digests: &Digests) -> String {
    let digests: Vec<_> = digests.iter().map(ToString::to_string).collect();
    digests.join(",")
}

impl Session {
    /// Says whether verifications get receipts from now on.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.receipts.keep",
        skip_all,
        err(level = "debug")
    )]
    pub async fn keep_receipts(&mut self, kept: bool) -> Result<(), DbError> {
        const SQL: &str = "
            UPDATE receipt_chain
               SET is_kept = $1
             WHERE is_kept <> $1";
        execute!(self, SQL, i64::from(kept));
        Ok(())
    }

    /// Lets `verification` get a receipt, if any does.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.receipts.ask",
        skip_all, fields(image.id = %verification.image), err(level = "debug")
    )]
    pub async fn ask_receipt(&mut self, verification: &Verification) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO receipts (image_id, store, source, digests, verified_at, failure, expected)
            SELECT $1, $2, $3, $4, $5, $6, $7
              FROM receipt_chain
             WHERE is_kept = 1";
        let failure = verification.failure.as_ref();
        execute!(
            self,
            SQL,
            verification.image.as_str(),
            verification.store.as_str(),
            verification.occasion.as_str(),
            written(&verification.digests),
            verification.at.as_micros(),
            failure.map(|failure| failure.state.as_str()),
            failure.map(|failure| failure.expected.to_string()),
        );
        Ok(())
    }

    /// The verifications whose receipts are still to be signed, the oldest first.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug",
        name = "db.receipts.list_unsigned",
        skip_all,
        err(level = "debug")
    )]
    pub async fn list_unsigned(&mut self, limit: u32) -> Result<Vec<Unsigned>, DbError> {
        const SQL: &str = "
            SELECT entry, image_id, store, source, digests, verified_at, failure, expected
              FROM receipts
             WHERE number IS NULL
             ORDER BY entry
             LIMIT $1";
        fetch_all!(self, UnsignedRow, SQL, i64::from(limit))
            .into_iter()
            .map(Unsigned::try_from)
            .collect()
    }

    /// The end of the chain. Others who ask for it wait until this transaction ends.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if there is none.
    #[tracing::instrument(
        level = "debug",
        name = "db.receipts.hold_chain",
        skip_all,
        err(level = "debug")
    )]
    pub async fn hold_chain(&mut self) -> Result<ChainEnd, DbError> {
        const SQL: &str = "
            UPDATE receipt_chain
               SET number = number
             WHERE id = 1
            RETURNING number, last_hash";
        let end = fetch_optional!(self, (i64, Option<String>), SQL);
        let cell = Cell {
            table: "receipt_chain",
            row: "1",
        };
        let (number, last) = end.ok_or_else(|| cell.unsound("the row is missing"))?;
        Ok(ChainEnd {
            count: number.unsigned_abs(),
            last,
        })
    }

    /// Adds the receipt of a verification to the chain, whose end is then `end`.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if another receipt has its number.
    #[tracing::instrument(
        level = "debug", name = "db.receipts.add",
        skip_all, fields(receipt = end.count), err(level = "debug")
    )]
    pub async fn add_receipt(
        &mut self,
        entry: i64,
        envelope: &str,
        end: &ChainEnd,
    ) -> Result<(), DbError> {
        const RECEIPT: &str = "
            UPDATE receipts
               SET number = $2, envelope = $3
             WHERE entry = $1";
        const CHAIN: &str = "
            UPDATE receipt_chain
               SET number = $1, last_hash = $2";
        let number = end.count.cast_signed();
        execute!(self, RECEIPT, entry, number, envelope);
        execute!(self, CHAIN, number, end.last.as_deref());
        Ok(())
    }

    /// The receipts of an image, as text: the latest `limit`, the oldest of them first.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.receipts.list_of_image",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn list_receipts(&mut self, id: ImageId, limit: u32) -> Result<Vec<String>, DbError> {
        const SQL: &str = "
            SELECT envelope
              FROM (SELECT number, envelope
                      FROM receipts
                     WHERE image_id = $1 AND number IS NOT NULL
                     ORDER BY number DESC
                     LIMIT $2) AS latest
             ORDER BY number";
        let rows = fetch_all!(self, (String,), SQL, id.as_str(), i64::from(limit));
        Ok(rows.into_iter().map(|(envelope,)| envelope).collect())
    }

    /// The receipts after number `after` of the whole chain, as text, the oldest first.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.receipts.list",
        skip_all,
        fields(after),
        err(level = "debug")
    )]
    pub async fn list_chain(&mut self, after: u64, limit: u32) -> Result<Vec<String>, DbError> {
        const SQL: &str = "
            SELECT envelope
              FROM receipts
             WHERE number > $1
             ORDER BY number
             LIMIT $2";
        let rows = fetch_all!(self, (String,), SQL, after.cast_signed(), i64::from(limit));
        Ok(rows.into_iter().map(|(envelope,)| envelope).collect())
    }
}
