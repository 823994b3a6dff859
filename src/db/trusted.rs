//! Locations that are taken at their word.

use crate::{
    db::{
        DbError, Session,
        rows::bytes,
        session::{execute, fetch_optional},
    },
    domain::{Algorithm, Digest, ImageId, ImageStatus, Location, Timestamp, Trusted, Verified},
};

/// More images than this are not counted.
const MOST_COUNTED: i64 = 100_000;

/// What makes an image active by a location that is taken at its word.
#[derive(Debug, Clone, Copy)]
pub struct TrustedActivation<'a> {
    /// The status the image must be in.
    pub from: ImageStatus,
    /// What is said of the bytes.
    pub trusted: &'a Trusted,
    /// Where they are, best first.
    pub locations: &'a [Location],
    /// The time of the change.
    pub at: Timestamp,
}

impl Session {
    /// Makes the image active with what is said of bytes that nobody has read, marks it, and tells
    /// whether it was in the status that `activation` says. What is not said is not known of it,
    /// but for the algorithm that its owner chose.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.trusted.activate",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn activate_trusted_image(
        &mut self,
        id: ImageId,
        activation: &TrustedActivation<'_>,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE images
               SET status = 'active', size = $3, virtual_size = NULL, checksum = $4,
                   os_hash_algo = COALESCE($5, os_hash_algo), os_hash_value = $6,
                   trusted_at = $7, updated_at = $7
             WHERE id = $1 AND status = $2 AND status IN ('saving', 'importing')";
        let trusted = activation.trusted;
        let activated = execute!(
            self,
            SQL,
            id.as_str(),
            activation.from.as_str(),
            bytes(trusted.size),
            trusted.checksum.as_ref().map(Digest::value),
            trusted.algorithm.as_ref().map(Algorithm::as_str),
            trusted.hash.as_ref().map(Digest::value),
            activation.at.as_micros(),
        );
        if activated == 0 {
            return Ok(false);
        }
        self.delete_locations(id).await?;
        self.write_locations(id, activation.locations).await?;
        Ok(true)
    }

    /// Gives an image that is marked what was verified of its bytes, takes the mark off, and tells
    /// whether nothing else was known of it.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.trusted.confirm",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn confirm_trusted_image(
        &mut self,
        id: ImageId,
        verified: &Verified,
        virtual_size: Option<u64>,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE images
               SET virtual_size = $3, checksum = $4, os_hash_algo = $5, os_hash_value = $6,
                   trusted_at = NULL, updated_at = $7
             WHERE id = $1 AND status IN ('active', 'deactivated') AND trusted_at IS NOT NULL
               AND size = $2 AND checksum IS NULL AND os_hash_value IS NULL
               AND (os_hash_algo IS NULL OR os_hash_algo = $5)";
        let confirmed = execute!(
            self,
            SQL,
            id.as_str(),
            bytes(verified.size()),
            virtual_size.map(bytes),
            verified.checksum().map(Digest::value),
            verified.hash().algorithm().as_str(),
            verified.hash().value(),
            at.as_micros(),
        );
        Ok(confirmed > 0)
    }

    /// How many images are usable although nobody has verified their bytes; of more than 100,000 no
    /// more are counted.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug",
        name = "db.trusted.count",
        skip_all,
        err(level = "debug")
    )]
    pub async fn count_trusted_images(&mut self) -> Result<u64, DbError> {
        const SQL: &str = "
            SELECT COUNT(*)
              FROM (SELECT id
                      FROM images
                     WHERE trusted_at IS NOT NULL AND status IN ('active', 'deactivated')
                     LIMIT $1) AS trusted";
        let counted = fetch_optional!(self, (i64,), SQL, MOST_COUNTED);
        Ok(counted.map_or(0, |(count,)| count.unsigned_abs()))
    }

    /// Leaves `location` with an image that is `queued`: a place whose bytes were not what was
    /// claimed of them. It gives the image no bytes.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.trusted.leave",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn leave_location(
        &mut self,
        id: ImageId,
        location: &Location,
    ) -> Result<(), DbError> {
        self.write_locations(id, std::slice::from_ref(location))
            .await
    }
}
