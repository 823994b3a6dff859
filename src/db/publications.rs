//! What publishers say of the bytes of images.

use crate::{
    db::{DbError, Session, session::execute},
    domain::{ImageId, PublishedDigest, StoreId, Timestamp},
};

impl Session {
    /// Keeps what a publisher says of bytes that are about to arrive, in place of whatever was
    /// said before.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if there is no such image, or a text is too long.
    #[tracing::instrument(
        level = "debug", name = "db.publications.replace",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn replace_published(
        &mut self,
        id: ImageId,
        published: &[PublishedDigest],
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO published_digests (image_id, algorithm, value, url, line, checked_at,
                                           publisher, key, signing_key, signed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        self.remove_published(id).await?;
        for PublishedDigest {
            digest,
            publication,
        } in published
        {
            let signature = publication.signature.as_ref();
            execute!(
                self,
                SQL,
                id.as_str(),
                digest.algorithm().as_str(),
                digest.value(),
                publication.url.as_str(),
                publication.line.as_str(),
                publication.checked_at.as_micros(),
                signature.map(|signature| signature.publisher.as_str()),
                signature.map(|signature| signature.key.as_str()),
                signature.map(|signature| signature.signing_key.as_str()),
                signature.map(|signature| signature.at.as_micros()),
            );
        }
        Ok(())
    }

    /// Forgets what a publisher said of bytes that did not arrive.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.publications.remove",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn remove_published(&mut self, id: ImageId) -> Result<(), DbError> {
        const SQL: &str = "
            DELETE FROM published_digests
             WHERE image_id = $1";
        execute!(self, SQL, id.as_str());
        Ok(())
    }

    /// Records the digests that a publisher says the image has, of the copy in `store`, which
    /// was found to have them just now.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.publications.confirm",
        skip_all, fields(image.id = %id, store.id = %store), err(level = "debug")
    )]
    pub async fn confirm_published(
        &mut self,
        id: ImageId,
        store: &StoreId,
        at: Timestamp,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO image_digests (image_id, algorithm, value, source, store, computed_at,
                                       confirmed_at)
            SELECT published.image_id, published.algorithm, published.value, 'publisher', $2, $3, $3
              FROM published_digests AS published
              JOIN image_digests AS found
                ON found.image_id = published.image_id
               AND found.algorithm = published.algorithm
               AND found.value = published.value
               AND found.store = $2
             WHERE published.image_id = $1 AND found.source <> 'publisher'
                ON CONFLICT (image_id, algorithm, value, source, store)
                DO UPDATE SET confirmed_at = excluded.confirmed_at";
        execute!(self, SQL, id.as_str(), store.as_str(), at.as_micros());
        Ok(())
    }
}
