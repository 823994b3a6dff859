//! Certificates are always verified.

use std::{io::Write as _, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tempfile::NamedTempFile;
use tokio::{io::AsyncWriteExt as _, net::TcpListener};
use tokio_rustls::TlsAcceptor;

use super::{
    Maker, Names, fetch,
    server::{Server, redirect, whole},
};
use crate::fetch::{CertificateFault, FetchError, Fetcher, FilterSettings, Settings};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server for `images.test` with a certificate that `authority` issued and `change` spoilt.
async fn server(authority: &Authority, change: fn(&mut CertificateParams)) -> Server {
    let mut params = CertificateParams::new(vec!["images.test".into()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    Server::start_tls(TlsAcceptor::from(Arc::new(config)), |_| whole("content")).await
}

/// A fetcher that knows `images.test`, and trusts `authority` if there is one.
fn fetcher(authority: Option<&Authority>) -> Fetcher {
    let mut maker = Maker::open().names(&Names::one("images.test", &[&["127.0.0.1"]]));
    let file = authority.map(|authority| pem_file(&authority.pem()));
    maker.settings.ca_file = file.as_ref().map(|file| file.path().into());
    maker.make()
}

fn pem_file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

async fn fault(fetcher: &Fetcher, server: &Server) -> CertificateFault {
    match fetch(fetcher, &server.uri_at("https", "images.test", "/x")).await {
        Err(FetchError::Certificate(fault)) => fault,
        other => panic!("the certificate should be refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_of_our_own_authority_is_accepted_if_it_is_configured() {
    let authority = authority();
    let server = server(&authority, |_| ()).await;
    let uri = server.uri_at("https", "images.test", "/x");
    let content = fetch(&fetcher(Some(&authority)), &uri).await;
    assert_eq!(content.unwrap(), b"content");
    let fault = fault(&fetcher(None), &server).await;
    assert_eq!(fault, CertificateFault::UnknownIssuer);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = authority();
    let server = server(&authority, |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    })
    .await;
    let fault = fault(&fetcher(Some(&authority)), &server).await;
    assert_eq!(fault, CertificateFault::Expired);
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_yet_is_refused() {
    let authority = authority();
    let server = server(&authority, |params| {
        params.not_before = date_time_ymd(2999, 1, 1);
        params.not_after = date_time_ymd(3000, 1, 1);
    })
    .await;
    let fault = fault(&fetcher(Some(&authority)), &server).await;
    assert_eq!(fault, CertificateFault::NotYet);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = authority();
    let server = server(&authority, |params| {
        params.subject_alt_names = CertificateParams::new(vec!["other.test".into()])
            .unwrap()
            .subject_alt_names;
    })
    .await;
    let fault = fault(&fetcher(Some(&authority)), &server).await;
    assert_eq!(fault, CertificateFault::OtherHost);
}

#[tokio::test]
async fn a_redirect_to_a_certificate_that_is_not_trusted_is_refused() {
    let target = server(&authority(), |_| ()).await;
    let uri = target.uri_at("https", "images.test", "/x");
    let server = Server::start(move |_| redirect(&uri)).await;
    let error = fetch(&fetcher(None), &server.uri("/x")).await;
    assert!(
        matches!(error, Err(FetchError::Certificate(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_told_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        stream
    });
    let error = fetch(&fetcher(None), &format!("https://images.test:{port}/x")).await;
    assert!(matches!(error, Err(FetchError::Tls(_))), "{error:?}");
    server.await.unwrap();
}

#[test]
fn a_file_without_certificates_stops_the_start() {
    for text in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let file = pem_file(text);
        let settings = Settings {
            ca_file: Some(file.path().into()),
            ..Settings::default()
        };
        let error = Fetcher::new(&settings, &FilterSettings::default()).unwrap_err();
        assert!(
            matches!(&error, FetchError::CaFile(path, _) if path == file.path()),
            "{text}"
        );
    }
    let settings = Settings {
        ca_file: Some("/nonexistent/ca.pem".into()),
        ..Settings::default()
    };
    let error = Fetcher::new(&settings, &FilterSettings::default());
    assert!(matches!(error, Err(FetchError::CaFile(..))));
}
