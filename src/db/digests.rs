//! Records of digests.

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, fetch_all},
    },
    domain::{
        Digest, DigestRecord, DigestSource, Digests, ImageId, Publication, PublisherSignature,
        ReceiptOccasion, StoreId, Timestamp, Verification,
    },
};

#[derive(Debug, sqlx::FromRow)]
struct DigestRow {
    algorithm: String,
    value: String,
    source: String,
    store: String,
    computed_at: i64,
    confirmed_at: i64,
    url: Option<String>,
    line: Option<String>,
    checked_at: Option<i64>,
    publisher: Option<String>,
    key: Option<String>,
    signing_key: Option<String>,
    signed_at: Option<i64>,
}

impl DigestRow {
    fn into_record(self, id: ImageId) -> Result<DigestRecord, DbError> {
        let cell = Cell {
            table: "image_digests",
            row: id.as_str(),
        };
        let digest = Digest::from_hex(cell.parse(&self.algorithm)?, &self.value);
        Ok(DigestRecord {
            digest: digest.map_err(|error| cell.unsound(error))?,
            source: cell.parse(&self.source)?,
            store: cell.parse(&self.store)?,
            computed_at: Timestamp::from_micros(self.computed_at),
            confirmed_at: Timestamp::from_micros(self.confirmed_at),
            publication: self.publication(),
        })
    }

    fn publication(self) -> Option<Publication> {
        Some(Publication {
            url: self.url?,
            line: self.line?,
            checked_at: Timestamp::from_micros(self.checked_at?),
            signature: self
                .publisher
                .zip(self.key)
                .zip(self.signing_key)
                .zip(self.signed_at)
                .map(|(((publisher, key), signing_key), at)| PublisherSignature {
                    publisher,
                    key,
                    signing_key,
                    at: Timestamp::from_micros(at),
                }),
        })
    }
}

/// Digests that were found of a copy.
#[derive(Debug, Clone, Copy)]
pub struct Finding<'a> {
    /// The store whose copy it is.
    pub store: &'a StoreId,
    /// On what occasion they were found.
    pub source: DigestSource,
    /// The digests.
    pub digests: &'a Digests,
    /// When.
    pub at: Timestamp,
}

impl Session {
    /// Records what digests a copy of the image was found to have: it was read to its end, and is
    /// what it should be. What is recorded already gets a new time. If receipts are kept, this gets
    /// one.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if there is no such image.
    #[tracing::instrument(
        level = "debug", name = "db.digests.record",
        skip_all, fields(image.id = %id, store.id = %found.store), err(level = "debug")
    )]
    pub async fn record_digests(
        &mut self,
        id: ImageId,
        found: &Finding<'_>,
    ) -> Result<(), DbError> {
        self.record_on(id, found, ReceiptOccasion::Found(found.source))
            .await
    }

    /// As [`Session::record_digests`], of a copy that was made anew from another one: its receipt
    /// says so.
    ///
    /// # Errors
    ///
    /// As [`Session::record_digests`].
    pub async fn record_healed(&mut self, id: ImageId, found: &Finding<'_>) -> Result<(), DbError> {
        self.record_on(id, found, ReceiptOccasion::Heal).await
    }

    async fn record_on(
        &mut self,
        id: ImageId,
        found: &Finding<'_>,
        occasion: ReceiptOccasion,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO image_digests (image_id, algorithm, value, source, store, computed_at,
                                       confirmed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $6)
                ON CONFLICT (image_id, algorithm, value, source, store)
                DO UPDATE SET confirmed_at = excluded.confirmed_at";
        for digest in found.digests.iter() {
            execute!(
                self,
                SQL,
                id.as_str(),
                digest.algorithm().as_str(),
                digest.value(),
                found.source.as_str(),
                found.store.as_str(),
                found.at.as_micros(),
            );
        }
        let verification = Verification {
            image: id,
            store: found.store.clone(),
            occasion,
            digests: found.digests.clone(),
            failure: None,
            at: found.at,
        };
        self.ask_receipt(&verification).await?;
        self.confirm_copy(id, found.store, found.at).await
    }

    /// The digests that were found of the image's bytes, the oldest first.
    ///
    /// # Errors
    ///
    /// [`DbError::Unsound`] if a row means nothing.
    #[tracing::instrument(
        level = "debug", name = "db.digests.list",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn list_digests(&mut self, id: ImageId) -> Result<Vec<DigestRecord>, DbError> {
        const SQL: &str = "
            SELECT found.algorithm, found.value, source, store, computed_at, confirmed_at,
                   url, line, checked_at, publisher, key, signing_key, signed_at
              FROM image_digests AS found
              LEFT JOIN published_digests AS published
                ON found.source = 'publisher'
               AND published.image_id = found.image_id
               AND published.algorithm = found.algorithm
               AND published.value = found.value
             WHERE found.image_id = $1
             ORDER BY computed_at, found.algorithm, source, store, found.value";
        fetch_all!(self, DigestRow, SQL, id.as_str())
            .into_iter()
            .map(|row| row.into_record(id))
            .collect()
    }
}
