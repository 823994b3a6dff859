//! The client's side of TLS towards the services of the cloud.

use std::{error::Error, path::Path, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName, UnixTime,
        pem::{self, PemObject as _},
    },
};

use crate::cloud::{Fault, Transport};

/// Trusts the certificates of `cafile`, else those of the system, and shows the registry's own.
pub(super) fn client_config(transport: &Transport) -> Result<ClientConfig, Fault> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::Setup(error.into()))?;
    let builder = if transport.insecure {
        let verifier = Arc::new(TrustAll(provider));
        builder
            .dangerous()
            .with_custom_certificate_verifier(verifier)
    } else {
        builder.with_root_certificates(roots(transport.cafile.as_deref())?)
    };
    let mut config = match &transport.certfile {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let key = transport.keyfile.as_ref().unwrap_or(path);
            let certificates = certificates(path)?;
            let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, error))?;
            builder
                .with_client_auth_cert(certificates, key_der)
                .map_err(|error| bad(path, error))?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(cafile: Option<&Path>) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = cafile {
        for certificate in certificates(path)? {
            roots.add(certificate).map_err(|error| bad(path, error))?;
        }
    } else {
        let system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(system.certs);
    }
    Ok(roots)
}

/// Reads every certificate of a PEM file; there must be one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<_, _>>);
    match read {
        Ok(certificates) if Vec::is_empty(&certificates) => {
            Err(bad(path, pem::Error::NoItemsFound))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(bad(path, error)),
    }
}

fn bad(path: &Path, error: impl Error + Send + Sync + 'static) -> Fault {
    Fault::TlsFile(path.to_owned(), error.into())
}

/// Takes any certificate for the service's: what the option `insecure` asks for. Signatures are
/// checked all the same, so that a connection belongs to whoever shows the certificate.
#[derive(Debug)]
struct TrustAll(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAll {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
