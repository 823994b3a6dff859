//! What keeps the certificates of signatures and the keys of images.

use std::error::Error;

use async_trait::async_trait;

use crate::{
    domain::{Caller, SecretId},
    signature::Unverifiable,
};

/// Gives out the certificates that signatures name.
#[async_trait]
pub trait CertificateSource: Send + Sync {
    /// What is kept as the certificate `id` for `caller`, in PEM or DER.
    ///
    /// # Errors
    ///
    /// [`CertificateFault`] if nothing is, or it cannot be told.
    async fn certificate(&self, caller: &Caller, id: SecretId)
    -> Result<Vec<u8>, CertificateFault>;
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFault {
    /// There is none that the caller may use, or what is there is something else.
    #[error(transparent)]
    Refused(#[from] Unverifiable),
    /// It cannot be told at the moment.
    #[error("certificates cannot be had at the moment")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Deletes keys that nobody needs any more.
#[async_trait]
pub trait KeyDeleter: Send + Sync {
    /// Deletes the key `id`, if `caller` may.
    ///
    /// # Errors
    ///
    /// If it may still be there.
    async fn delete_key(
        &self,
        caller: &Caller,
        id: SecretId,
    ) -> Result<(), Box<dyn Error + Send + Sync>>;
}
