//! Why a signature cannot be checked.

use crate::domain::UnknownWord;

/// Why a signature cannot be checked. The texts are for the owner of the image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unverifiable {
    /// Some of the properties are there, and these are not.
    #[error(
        "{} missing: a signature needs all of img_signature, img_signature_hash_method, \
         img_signature_key_type and img_signature_certificate_uuid, and without a signature none \
         of them may be set",
        are(.0)
    )]
    Incomplete(Vec<&'static str>),
    /// The signature is no Base64, or there is none.
    #[error("img_signature is not a signature in Base64")]
    NotBase64,
    /// The signature is longer than one of any key, in bytes.
    #[error("img_signature has more than {0} bytes")]
    TooLong(usize),
    /// A word is none of those that are known.
    #[error("{property}: {word}")]
    Unknown {
        /// The property.
        property: &'static str,
        /// The word, and what is allowed.
        word: UnknownWord,
    },
    /// The id of the certificate is none.
    #[error("img_signature_certificate_uuid is not a UUID")]
    NoId,
    /// There is no certificate of this id that the owner may use.
    #[error("img_signature_certificate_uuid: there is no certificate {0} that you may use")]
    NoCertificate(String),
    /// The key manager does not know the caller.
    #[error(
        "img_signature_certificate_uuid: the key manager does not take the token of this request"
    )]
    TokenRefused,
    /// This deployment has nothing that keeps certificates.
    #[error(
        "img_signature_certificate_uuid: this registry has no key manager to get a certificate from"
    )]
    NoKeyManager,
    /// What is kept under the id of the certificate is none that can be used.
    #[error(
        "img_signature_certificate_uuid: what is kept there is not an X.509 certificate in PEM or \
         DER"
    )]
    NotACertificate,
    /// The certificate is for another kind of key than the properties say.
    #[error(
        "img_signature_key_type is {declared}, but the key of the certificate that \
         img_signature_certificate_uuid names is {found}"
    )]
    OtherKey {
        /// What the properties say.
        declared: &'static str,
        /// What the certificate has.
        found: String,
    },
    /// The key of the certificate cannot be used with the hash that the properties name.
    #[error(
        "the key of the certificate that img_signature_certificate_uuid names cannot be used with \
         the img_signature_hash_method {0}"
    )]
    KeyUnusable(&'static str),
    /// The operator trusts nobody who vouches for the certificate.
    #[error(
        "img_signature_certificate_uuid: the certificate is not trusted here ({0}); allowed: one \
         for signatures that is valid now and that the operator's certificate_roots vouch for"
    )]
    Untrusted(String),
    /// The property names another certificate than it did when the work was accepted.
    #[error("img_signature_certificate_uuid was changed after the request had been accepted")]
    Changed,
}

fn are(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}
