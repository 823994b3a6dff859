//! A Keystone behind TLS.

use std::{fs, sync::Arc};

use hallmark::{auth::KeystoneSettings, keystone::LoginOptions};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer,
    server::WebPkiClientVerifier,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::keystone::{Door, is_unavailable};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("an authority")
}

/// Takes TLS connections for `localhost` from who shows a certificate of `authority`, and passes
/// them on to `keystone`; the address.
async fn front(authority: &Authority, keystone: &str) -> String {
    let params = CertificateParams::new(vec!["localhost".into()]).expect("parameters");
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).expect("a root");
    let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_client_cert_verifier(clients.build().expect("a verifier"))
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        );
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("a server")));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let inner = keystone.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that trusts nobody breaks off here.
            if let Ok(mut outer) = acceptor.accept(stream).await {
                let mut inner = TcpStream::connect(&inner).await.expect("Keystone");
                let _ = copy_bidirectional(&mut outer, &mut inner).await;
            }
        }
    });
    format!("https://localhost:{port}")
}

/// Files of certificates and keys.
struct Files(TempDir);

impl Files {
    fn of(authority: &Authority) -> Self {
        let folder = TempDir::new().expect("a folder");
        let params = CertificateParams::new(vec!["glance".into()]).expect("parameters");
        let key = KeyPair::generate().expect("a key");
        let own = params.signed_by(&key, authority).expect("a certificate");
        for (name, text) in [
            ("ca.pem", authority.pem()),
            ("own.pem", own.pem()),
            ("own.key", key.serialize_pem()),
            ("both.pem", own.pem() + &key.serialize_pem()),
        ] {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        Self(folder)
    }

    fn use_in(&self, settings: &mut KeystoneSettings, (ca, own, key): (&str, &str, &str)) {
        let path = |name: &str| (!name.is_empty()).then(|| self.0.path().join(name));
        let transport = &mut settings.session.transport;
        transport.cafile = path(ca);
        transport.certfile = path(own);
        transport.keyfile = path(key);
        transport.retries = 0;
    }
}

#[tokio::test]
async fn keystone_is_asked_only_if_both_sides_prove_who_they_are() {
    let authority = authority();
    let files = Files::of(&authority);
    for (names, insecure, works) in [
        (("ca.pem", "own.pem", "own.key"), false, true),
        (("ca.pem", "both.pem", ""), false, true),
        (("", "own.pem", "own.key"), true, true),
        (("", "own.pem", "own.key"), false, false),
        (("ca.pem", "", ""), false, false),
    ] {
        // The inner server has to be there before the settings can name the outer one.
        let inner = crate::support::FakeKeystone::start().await;
        inner.knows("alice", json!({}));
        let url = front(&authority, &inner.url()).await;
        let door = Door::with(|settings| {
            files.use_in(settings, names);
            settings.session.transport.insecure = insecure;
            let options: LoginOptions = serde_json::from_value(json!({
                "auth_type": "v3applicationcredential",
                "auth_url": url,
                "application_credential_id": "c",
                "application_credential_secret": "s",
            }))
            .expect("options");
            settings.session.login = options.login().expect("a login");
        })
        .await;
        let answer = door.brings("alice").await;
        assert_eq!(answer.is_ok(), works, "{names:?} {insecure}: {answer:?}");
        assert_eq!(is_unavailable(&answer), !works);
    }
}
