//! Where the certificates of signatures come from.

use std::error::Error;

use async_trait::async_trait;

use crate::{
    domain::{Caller, CertificateId},
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
    async fn certificate(
        &self,
        caller: &Caller,
        id: CertificateId,
    ) -> Result<Vec<u8>, CertificateFault>;
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
