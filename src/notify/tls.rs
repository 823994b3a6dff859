//! Whom of the brokers we trust, and how we prove who we are.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
};

use crate::notify::{NotifyError, RabbitSettings};

/// The client's side of TLS. The broker's certificate is always verified: by `ssl_ca_file` if
/// there is one, else by the system's certificates.
///
/// # Errors
///
/// [`NotifyError::TlsFile`] or [`NotifyError::Tls`].
pub(super) fn client_config(settings: &RabbitSettings) -> Result<ClientConfig, NotifyError> {
    let mut roots = RootCertStore::empty();
    match &settings.ssl_ca_file {
        Some(path) => {
            for certificate in certificates(path)? {
                roots
                    .add(certificate)
                    .map_err(|error| NotifyError::TlsFile(path.clone(), error.into()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(NotifyError::Tls)?
        .with_root_certificates(roots);
    let Some(path) = &settings.ssl_cert_file else {
        return Ok(builder.with_no_client_auth());
    };
    // Certificate and key may be in one file.
    let key_path = settings.ssl_key_file.as_ref().unwrap_or(path);
    let key = PrivateKeyDer::from_pem_file(key_path)
        .map_err(|error| NotifyError::TlsFile(key_path.clone(), error.into()))?;
    builder
        .with_client_auth_cert(certificates(path)?, key)
        .map_err(NotifyError::Tls)
}

/// Every certificate of a PEM file; there must be one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NotifyError> {
    let unusable = |error: pem::Error| NotifyError::TlsFile(path.to_owned(), error.into());
    let found = CertificateDer::pem_file_iter(path)
        .map_err(unusable)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(unusable)?;
    if found.is_empty() {
        return Err(unusable(pem::Error::NoItemsFound));
    }
    Ok(found)
}
