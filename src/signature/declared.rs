//! What the properties of an image say about its signature.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    domain::{ImageId, Properties, SecretId, SignatureCheck},
    signature::{Certificate, HashMethod, KeyType, Unverifiable, check::Check},
};

const SIGNATURE: &str = "img_signature";
const HASH_METHOD: &str = "img_signature_hash_method";
const KEY_TYPE: &str = "img_signature_key_type";
const CERTIFICATE: &str = "img_signature_certificate_uuid";

/// The most bytes of a signature: those of an RSA key of 16384 bits, the longest that is usable.
const MAX_SIGNATURE: usize = 2048;

/// The most characters of a signature in Base64, with line ends.
const MAX_TEXT: usize = 2 * MAX_SIGNATURE;

/// A signature, as the properties of an image describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    signature: Box<[u8]>,
    hash: HashMethod,
    key_type: KeyType,
    certificate: SecretId,
}

impl Declared {
    /// What `properties` say; `None` if they have none of the four.
    ///
    /// # Errors
    ///
    /// [`Unverifiable`] if some are missing or a value is none that can be checked.
    pub fn of(properties: &Properties) -> Result<Option<Self>, Unverifiable> {
        let value = |name: &str| properties.get(name).and_then(Option::as_deref);
        let names = [SIGNATURE, HASH_METHOD, KEY_TYPE, CERTIFICATE];
        let missing = names.into_iter().filter(|name| value(name).is_none());
        let missing: Vec<_> = missing.collect();
        let [signature, hash, key_type, certificate] = names.map(value);
        match (signature, hash, key_type, certificate) {
            (None, None, None, None) => Ok(None),
            (Some(signature), Some(hash), Some(key_type), Some(certificate)) => Ok(Some(Self {
                signature: decoded(signature)?,
                hash: hash.parse().map_err(|word| Unverifiable::Unknown {
                    property: HASH_METHOD,
                    word,
                })?,
                key_type: key_type.parse().map_err(|word| Unverifiable::Unknown {
                    property: KEY_TYPE,
                    word,
                })?,
                certificate: certificate.parse().map_err(|_| Unverifiable::NoId)?,
            })),
            _ => Err(Unverifiable::Incomplete(missing)),
        }
    }

    /// The certificate with the key of the signature.
    #[must_use]
    pub const fn certificate_id(&self) -> SecretId {
        self.certificate
    }

    /// What the digest of the bytes of `image` is held against, by the key of `certificate`.
    ///
    /// # Errors
    ///
    /// [`Unverifiable`] if the key is not of the kind that was declared, or cannot be used.
    pub fn under(
        self,
        certificate: &Certificate,
        image: ImageId,
    ) -> Result<Arc<dyn SignatureCheck>, Unverifiable> {
        let key = certificate.key_for(self.key_type)?;
        let check = Check::new(key, self.hash, self.signature, image)?;
        Ok(Arc::new(check))
    }
}

/// The bytes of a text in Base64, which may be broken into lines.
fn decoded(text: &str) -> Result<Box<[u8]>, Unverifiable> {
    if text.len() > MAX_TEXT {
        return Err(Unverifiable::TooLong(MAX_SIGNATURE));
    }
    let joined: String = text.split_ascii_whitespace().collect();
    match STANDARD.decode(joined) {
        Ok(bytes) if bytes.len() > MAX_SIGNATURE => Err(Unverifiable::TooLong(MAX_SIGNATURE)),
        Ok(bytes) if !bytes.is_empty() => Ok(bytes.into()),
        Ok(_) | Err(_) => Err(Unverifiable::NotBase64),
    }
}
