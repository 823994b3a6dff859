//! The life of an image: every change of its status, and of the facts about its bytes.

use uuid::Uuid;

use crate::{
    db::{DbError, Session, rows::bytes, session::execute},
    domain::{Digest, ImageId, ImageStatus, Location, Timestamp, Verified},
};

/// What makes an image active.
#[derive(Debug, Clone, Copy)]
pub struct Activation<'a> {
    /// The status the image must be in.
    pub from: ImageStatus,
    /// The proof, which gives size and digests.
    pub verified: &'a Verified,
    /// The size of the disk that the bytes describe.
    pub virtual_size: Option<u64>,
    /// Where the bytes are, best first.
    pub locations: &'a [Location],
    /// The time of the change.
    pub at: Timestamp,
}

impl Session {
    /// Moves the image from one status to another, and tells whether it was in the first.
    ///
    /// Ends that need more than a status have methods of their own: [`Session::activate_image`],
    /// [`Session::abandon_image`], [`Session::delete_image`].
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if the image cannot be in the second status as it is.
    #[tracing::instrument(
        level = "debug", name = "db.images.move",
        skip_all, fields(image.id = %id, from = %from, to = %to), err(level = "debug")
    )]
    pub async fn move_image(
        &mut self,
        id: ImageId,
        from: ImageStatus,
        to: ImageStatus,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE images
               SET status = $3, updated_at = $4
             WHERE id = $1 AND status = $2";
        let moved = execute!(
            self,
            SQL,
            id.as_str(),
            from.as_str(),
            to.as_str(),
            at.as_micros()
        );
        Ok(moved > 0)
    }

    /// Notes how many bytes are staged, and in which staging area; none: in the one that all nodes
    /// have. Tells whether the image was still `uploading`.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.images.record_staged",
        skip_all, fields(image.id = %id, size_bytes = size), err(level = "debug")
    )]
    pub async fn record_staged(
        &mut self,
        id: ImageId,
        size: u64,
        area: Option<Uuid>,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE images
               SET size = $2, staged_in = $3, updated_at = $4
             WHERE id = $1 AND status = 'uploading'";
        let recorded = execute!(
            self,
            SQL,
            id.as_str(),
            bytes(size),
            area.map(|area| area.to_string()),
            at.as_micros()
        );
        Ok(recorded > 0)
    }

    /// Gives the image the formats of the bytes that it is about to get, and tells whether it was
    /// still `importing`.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if a word is too long.
    #[tracing::instrument(
        level = "debug", name = "db.images.set_formats",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn set_formats(
        &mut self,
        id: ImageId,
        disk_format: Option<&str>,
        container_format: Option<&str>,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE images
               SET disk_format = $2, container_format = $3
             WHERE id = $1 AND status = 'importing'";
        Ok(execute!(self, SQL, id.as_str(), disk_format, container_format) > 0)
    }

    /// Makes the image active with what was verified, and tells whether it was in the status
    /// that `activation` says.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if the image is active already and the bytes differ.
    #[tracing::instrument(
        level = "debug", name = "db.images.activate",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn activate_image(
        &mut self,
        id: ImageId,
        activation: &Activation<'_>,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE images
               SET status = 'active', size = $3, virtual_size = $4, checksum = $5,
                   os_hash_algo = $6, os_hash_value = $7, staged_in = NULL, updated_at = $8
             WHERE id = $1 AND status = $2 AND status <> 'deleted'";
        let verified = activation.verified;
        let activated = execute!(
            self,
            SQL,
            id.as_str(),
            activation.from.as_str(),
            bytes(verified.size()),
            activation.virtual_size.map(bytes),
            verified.checksum().map(Digest::value),
            verified.hash().algorithm().as_str(),
            verified.hash().value(),
            activation.at.as_micros(),
        );
        if activated == 0 {
            return Ok(false);
        }
        self.delete_locations(id).await?;
        self.write_locations(id, activation.locations).await?;
        Ok(true)
    }

    /// Takes the image back to `queued`, forgets the bytes but keeps the algorithm its owner
    /// chose, and tells whether it was in the status `from`.
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if the image was verified.
    #[tracing::instrument(
        level = "debug", name = "db.images.abandon",
        skip_all, fields(image.id = %id, from = %from), err(level = "debug")
    )]
    pub async fn abandon_image(
        &mut self,
        id: ImageId,
        from: ImageStatus,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const SQL: &str = "
            UPDATE images
               SET status = 'queued', size = NULL, virtual_size = NULL, checksum = NULL,
                   os_hash_value = NULL, staged_in = NULL, updated_at = $3
             WHERE id = $1 AND status = $2";
        if execute!(self, SQL, id.as_str(), from.as_str(), at.as_micros()) == 0 {
            return Ok(false);
        }
        self.delete_locations(id).await?;
        Ok(true)
    }

    /// Deletes the image with all that belongs to it, and tells whether it was in the status
    /// `from`. What stays for ever is its row: the id and the digests are never free again. Its
    /// locations stay until its bytes are removed, see [`Session::list_doomed_images`].
    ///
    /// Several statements: call it within a transaction.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.images.delete",
        skip_all, fields(image.id = %id, from = %from), err(level = "debug")
    )]
    pub async fn delete_image(
        &mut self,
        id: ImageId,
        from: ImageStatus,
        at: Timestamp,
    ) -> Result<bool, DbError> {
        const IMAGE: &str = "
            UPDATE images
               SET status = 'deleted', staged_in = NULL, deleted_at = $3, updated_at = $3
             WHERE id = $1 AND status = $2 AND status <> 'deleted'";
        const PROPERTIES: &str = "
            DELETE FROM image_properties
             WHERE image_id = $1";
        const TAGS: &str = "
            DELETE FROM image_tags
             WHERE image_id = $1";
        const MEMBERS: &str = "
            DELETE FROM image_members
             WHERE image_id = $1";
        if execute!(self, IMAGE, id.as_str(), from.as_str(), at.as_micros()) == 0 {
            return Ok(false);
        }
        for satellite in [PROPERTIES, TAGS, MEMBERS] {
            execute!(self, satellite, id.as_str());
        }
        Ok(true)
    }

    /// The bytes of a deleted image are to stay until `at`.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.images.delay_scrub",
        skip_all, fields(image.id = %id), err(level = "debug")
    )]
    pub async fn delay_scrub(&mut self, id: ImageId, at: Timestamp) -> Result<(), DbError> {
        const SQL: &str = "
            UPDATE images
               SET scrub_at = $2
             WHERE id = $1 AND status = 'deleted'";
        execute!(self, SQL, id.as_str(), at.as_micros());
        Ok(())
    }
}
