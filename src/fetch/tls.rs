//! Whom we trust.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem, pem::PemObject as _},
};

use crate::fetch::FetchError;

/// The client's side of TLS: the system's certificates, and those of `ca_file`, are trusted.
///
/// # Errors
///
/// [`FetchError::CaFile`] if `ca_file` cannot be read or has no usable certificate. A system
/// without certificates is only warned about: plain http works there, and https is refused.
pub(super) fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, FetchError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if let Some(path) = ca_file {
        let unusable = |cause| FetchError::CaFile(path.into(), cause);
        for certificate in read(path).map_err(|error| unusable(error.into()))? {
            roots
                .add(certificate)
                .map_err(|error| unusable(error.into()))?;
        }
    }
    if roots.is_empty() {
        tracing::warn!("no trusted certificates were found: no https URI can be fetched");
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Setup(error.into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Reads every certificate of a PEM file; there must be one.
fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let certificates = CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() {
        return Err(pem::Error::NoItemsFound);
    }
    Ok(certificates)
}
