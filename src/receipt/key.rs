//! The keys by which receipts are signed and checked.

use ed25519_dalek::{
    Signature, Signer as _, SigningKey, VerifyingKey,
    pkcs8::{
        DecodePrivateKey as _,
        spki::{DecodePublicKey as _, EncodePublicKey as _},
    },
};
use sha2::{Digest as _, Sha256};

use super::{Envelope, ReceiptError, Statement};
use crate::domain::{ChainEnd, Verification};

/// Signs receipts.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    key_id: String,
}

impl Signer {
    /// Reads a private key: PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::PrivateKey`]
    pub fn read(pem: &str) -> Result<Self, ReceiptError> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|_| ReceiptError::PrivateKey)?;
        let key_id = key_id(&key.verifying_key()).ok_or(ReceiptError::PrivateKey)?;
        Ok(Self { key, key_id })
    }

    /// The receipt of `verification`, at the end of the chain.
    #[must_use]
    pub fn sign(&self, verification: &Verification, end: &ChainEnd) -> Envelope {
        let payload = Statement::of(verification, end).to_json();
        let signature = self.key.sign(&Envelope::signed_bytes(&payload));
        Envelope::new(payload, self.key_id.clone(), signature.to_bytes())
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// Checks receipts.
#[derive(Debug, Clone)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a public key: PEM, as `openssl pkey -pubout` writes it.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::PublicKey`]
    pub fn read(pem: &str) -> Result<Self, ReceiptError> {
        VerifyingKey::from_public_key_pem(pem)
            .ok()
            .filter(|key| !key.is_weak())
            .map(Self)
            .ok_or(ReceiptError::PublicKey)
    }

    /// What a receipt says, if it was signed with this key.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::Signature`] if it was not; [`ReceiptError::Statement`] if it says something
    /// else than a receipt does.
    pub fn verify(&self, envelope: &Envelope) -> Result<Statement, ReceiptError> {
        let signed = Envelope::signed_bytes(envelope.payload());
        let is_signed = envelope.signatures().any(|signature| {
            let signature = Signature::from_slice(signature);
            signature.is_ok_and(|signature| self.0.verify_strict(&signed, &signature).is_ok())
        });
        if !is_signed {
            return Err(ReceiptError::Signature);
        }
        Statement::read(envelope.payload())
    }
}

/// SHA-256 of the key in the form of X.509 (DER).
fn key_id(key: &VerifyingKey) -> Option<String> {
    let der = key.to_public_key_der().ok()?;
    Some(hex::encode(Sha256::digest(der.as_bytes())))
}
