//! Where the certificates of signatures come from.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use tokio::task::spawn_blocking;

use crate::{
    config::Config,
    domain::{Caller, CertificateId},
    service::{CertificateFault, CertificateSource},
    signature::{CertificateFolder, Roots, Unverifiable},
};

/// A folder of the operator's.
struct Folder(Arc<CertificateFolder>);

#[async_trait]
impl CertificateSource for Folder {
    async fn certificate(
        &self,
        _caller: &Caller,
        id: CertificateId,
    ) -> Result<Vec<u8>, CertificateFault> {
        let folder = Arc::clone(&self.0);
        let read = spawn_blocking(move || folder.read(id)).await;
        let unavailable = |error| CertificateFault::Unavailable(error);
        let read = read.map_err(|panic| unavailable(panic.into()))?;
        let found = read.map_err(|error| unavailable(error.into()))?;
        found.ok_or_else(|| Unverifiable::NoCertificate(id.to_string()).into())
    }
}

/// Nowhere.
struct Nowhere;

#[async_trait]
impl CertificateSource for Nowhere {
    async fn certificate(
        &self,
        _caller: &Caller,
        _id: CertificateId,
    ) -> Result<Vec<u8>, CertificateFault> {
        Err(Unverifiable::NoKeyManager.into())
    }
}

/// What gives out the certificates of signatures.
pub(super) fn source(config: &Config) -> anyhow::Result<Arc<dyn CertificateSource>> {
    let Some(path) = &config.signatures.certificate_dir else {
        return Ok(Arc::new(Nowhere));
    };
    let folder = CertificateFolder::open(path).with_context(|| {
        format!(
            "the folder of certificates {} cannot be opened",
            path.display()
        )
    })?;
    Ok(Arc::new(Folder(Arc::new(folder))))
}

/// The certificates that must vouch for those of signatures, if the operator names some.
pub(super) fn roots(config: &Config) -> anyhow::Result<Option<Roots>> {
    let path = config.signatures.certificate_roots.as_deref();
    Ok(path.map(Roots::open).transpose()?)
}
