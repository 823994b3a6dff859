//! What keeps the certificates of signatures and the keys of images.

use std::{error::Error, sync::Arc};

use anyhow::Context as _;
use async_trait::async_trait;
use tokio::task::spawn_blocking;

use crate::{
    barbican::{Barbican, BarbicanError},
    config::Config,
    domain::{Caller, SecretId},
    service::{CertificateFault, CertificateSource, KeyDeleter},
    signature::{CertificateFolder, Roots, Unverifiable},
};

/// A folder of the operator's.
struct Folder(Arc<CertificateFolder>);

#[async_trait]
impl CertificateSource for Folder {
    async fn certificate(
        &self,
        _caller: &Caller,
        id: SecretId,
    ) -> Result<Vec<u8>, CertificateFault> {
        let folder = Arc::clone(&self.0);
        let read = spawn_blocking(move || folder.read(id)).await;
        let unavailable = |error| CertificateFault::Unavailable(error);
        let read = read.map_err(|panic| unavailable(panic.into()))?;
        let found = read.map_err(|error| unavailable(error.into()))?;
        found.ok_or_else(|| Unverifiable::NoCertificate(id.to_string()).into())
    }
}

#[async_trait]
impl CertificateSource for Barbican {
    async fn certificate(
        &self,
        caller: &Caller,
        id: SecretId,
    ) -> Result<Vec<u8>, CertificateFault> {
        let Some(credentials) = &caller.credentials else {
            return Err(Unverifiable::NoKeyManager.into());
        };
        let asked = Barbican::certificate(self, credentials, id).await;
        asked.map_err(|error| match error {
            BarbicanError::NoEndpoint => Unverifiable::NoKeyManager.into(),
            BarbicanError::TokenRefused => Unverifiable::TokenRefused.into(),
            BarbicanError::NoSuchSecret => Unverifiable::NoCertificate(id.to_string()).into(),
            BarbicanError::NotACertificate => Unverifiable::NotACertificate.into(),
            BarbicanError::Cloud(error) => CertificateFault::Unavailable(error.into()),
        })
    }
}

#[async_trait]
impl KeyDeleter for Barbican {
    async fn delete_key(
        &self,
        caller: &Caller,
        id: SecretId,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Some(credentials) = &caller.credentials else {
            return Err(BarbicanError::TokenRefused.into());
        };
        Ok(self.delete(credentials, id).await?)
    }
}

/// Nowhere.
struct Nowhere;

#[async_trait]
impl CertificateSource for Nowhere {
    async fn certificate(
        &self,
        _caller: &Caller,
        _id: SecretId,
    ) -> Result<Vec<u8>, CertificateFault> {
        Err(Unverifiable::NoKeyManager.into())
    }
}

/// What keeps secrets.
pub(super) struct Keepers {
    /// The certificates of signatures.
    pub(super) certificates: Arc<dyn CertificateSource>,
    /// The keys of images.
    pub(super) keys: Option<Arc<dyn KeyDeleter>>,
}

/// Opens what keeps secrets, as the configuration says.
pub(super) fn keepers(config: &Config) -> anyhow::Result<Keepers> {
    let barbican = config.signatures.barbican.clone().map(Barbican::new);
    let barbican = barbican.transpose().context("Barbican cannot be used")?;
    let barbican = barbican.map(Arc::new);
    let certificates: Arc<dyn CertificateSource> =
        match (&config.signatures.certificate_dir, barbican.clone()) {
            (Some(path), _) => {
                let folder = CertificateFolder::open(path);
                let folder = folder.with_context(|| {
                    format!(
                        "the folder of certificates {} cannot be opened",
                        path.display()
                    )
                });
                Arc::new(Folder(Arc::new(folder?)))
            }
            (None, Some(barbican)) => barbican,
            (None, None) => Arc::new(Nowhere),
        };
    Ok(Keepers {
        certificates,
        keys: barbican.map(|barbican| barbican as Arc<dyn KeyDeleter>),
    })
}

/// The certificates that must vouch for those of signatures, if the operator names some.
pub(super) fn roots(config: &Config) -> anyhow::Result<Option<Roots>> {
    let path = config.signatures.certificate_roots.as_deref();
    Ok(path.map(Roots::open).transpose()?)
}
