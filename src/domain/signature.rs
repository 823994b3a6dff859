//! Signatures of an image's bytes, as far as everybody has to know of them.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::domain::{Algorithm, Digest, InvalidId, Mismatch};

/// What a digest of an image's bytes is held against, because somebody signed it.
pub trait SignatureCheck: fmt::Debug + Send + Sync {
    /// The algorithm of the digest that was signed.
    fn algorithm(&self) -> &Algorithm;

    /// Holds the digest of the bytes against the signature.
    ///
    /// # Errors
    ///
    /// [`Mismatch::Signature`] if it is not what was signed.
    fn verify(&self, digest: &Digest) -> Result<(), Mismatch>;
}

/// The id of a certificate or a key in a key manager: a UUID in its hyphenated form.
///
/// - Always in lower case.
/// - Safe as a file name and in a path: it has no separator, no dot, no blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretId(Uuid);

impl FromStr for SecretId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let uuid = Some(text).filter(|text| text.len() == 36);
        let uuid = uuid.and_then(|text| Uuid::try_parse(text).ok());
        uuid.map(Self)
            .ok_or_else(|| InvalidId(text.chars().take(64).collect()))
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A certificate as a task keeps it: fetched with the right of who asked for the task, which the
/// task itself has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCertificate {
    /// Its id in the key manager.
    pub id: SecretId,
    /// The certificate, and those that may lead to a root, in PEM.
    pub pem: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_secret_is_a_hyphenated_uuid() {
        let id: SecretId = "8A6D2F0E-0000-4000-8000-00000000000A"
            .parse()
            .expect("an id");
        assert_eq!(id.to_string(), "8a6d2f0e-0000-4000-8000-00000000000a");
        for text in [
            "",
            "8a6d2f0e00004000800000000000000a",
            "{8a6d2f0e-0000-4000-8000-00000000000}",
            "../8a6d2f0e-0000-4000-8000-00000000",
            "8a6d2f0e-0000-4000-8000-00000000000a/",
        ] {
            assert!(text.parse::<SecretId>().is_err(), "{text}");
        }
    }
}
