//! Checksum files whose publisher has to have signed them, or may have.

use super::{
    error::{ChecksumFileError, Distrust},
    file::ChecksumFile,
    limits::Limits,
};
use crate::{
    domain::{KnownAlgorithm, Timestamp},
    openpgp::{ClearSigned, Keyrings, SignatureError, SignatureFault, Signed},
};

/// Whom to believe.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// The keys of all publishers.
    pub keyrings: &'a Keyrings,
    /// The publisher who must have signed; none: any of them.
    pub publisher: Option<&'a str>,
    /// Whether a file without a good signature is refused.
    pub is_demanded: bool,
    /// The time.
    pub now: Timestamp,
}

/// A checksum file as somebody gave it.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
    /// The content of its detached signature, if there is one.
    pub signature: Option<&'a [u8]>,
}

impl ChecksumFile {
    /// As [`ChecksumFile::read`] a file from elsewhere, if it is signed as it has to be; gives the
    /// good signature too.
    ///
    /// Unless a signature is demanded, one inside the file by a key that nobody here knows is as
    /// good as none; one with any other fault never is.
    ///
    /// # Errors
    ///
    /// [`Distrust`] if nothing in the file can be used, or it is not signed as it has to be.
    pub fn read_trusted(
        given: Given<'_>,
        trust: &Trust<'_>,
        known: &[KnownAlgorithm],
    ) -> Result<(Self, Option<Signed>), Distrust> {
        let limits = Limits::PUBLISHED;
        if given.bytes.len() > limits.bytes {
            return Err(ChecksumFileError::TooLarge(limits.bytes).into());
        }
        let message = ClearSigned::find(given.bytes).map_err(ChecksumFileError::from)?;
        let signature = match (given.signature, &message) {
            (Some(signature), _) => Some(trust.keyrings.verify_detached(
                given.bytes,
                signature,
                trust.publisher,
                trust.now,
            )?),
            (None, Some(message)) => trust.inside(message)?,
            (None, None) if trust.is_demanded => return Err(Distrust::Unsigned),
            (None, None) => None,
        };
        let file = match &message {
            Some(message) => Self::read_signed(message, given.name, known, limits),
            None => Self::read(given.bytes, given.name, known, limits),
        };
        Ok((file?, signature))
    }
}

impl Trust<'_> {
    /// The signature of a file that signs itself.
    fn inside(&self, message: &ClearSigned<'_>) -> Result<Option<Signed>, SignatureError> {
        match self
            .keyrings
            .verify_clear(message, self.publisher, self.now)
        {
            Ok(signed) => Ok(Some(signed)),
            Err(SignatureError::Refused(refusals))
                if !self.is_demanded
                    && refusals
                        .iter()
                        .all(|refusal| refusal.fault == SignatureFault::UnknownKey) =>
            {
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }
}
