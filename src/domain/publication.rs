//! What publishers say of their images: where to read it, and what was read.

use crate::domain::{Digest, Timestamp};

/// Where a publisher says what digests an image has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecksumSource {
    /// The address of the checksum file; it may hold a signature, so it is never logged.
    pub url: String,
    /// The address of its detached signature; the same address if it signs itself.
    pub signature_url: Option<String>,
    /// The publisher who must have signed it, by the name of a keyring.
    pub publisher: Option<String>,
    /// The file's name for the image, where the image's own address does not tell it.
    pub name: Option<String>,
}

/// A digest that a checksum file says an image has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedDigest {
    /// The digest.
    pub digest: Digest,
    /// Where it is said.
    pub publication: Publication,
}

/// A line of a checksum file, and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The address of the file, without credentials and query.
    pub url: String,
    /// The line.
    pub line: String,
    /// When the file was read and its signature verified.
    pub checked_at: Timestamp,
    /// Who signed the file, if anybody had to.
    pub signature: Option<PublisherSignature>,
}

/// A publisher's good signature of a checksum file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherSignature {
    /// The publisher, by the name of the keyring that has the key.
    pub publisher: String,
    /// The fingerprint of the publisher's key.
    pub key: String,
    /// The fingerprint of the key that signed: the same, or a subkey's.
    pub signing_key: String,
    /// When the signature says it was made.
    pub at: Timestamp,
}
