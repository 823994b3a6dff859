//! Talking to a broker by TLS.

use std::{fs, sync::Arc};

use hallmark::service::Relayed;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::support::{Broker, Engine, Persona, Registry, broker_place};

/// The broker behind TLS. It ends when it is dropped.
struct Encrypted {
    /// User, password, host and port.
    place: String,
    /// The certificate, as PEM.
    certificate: String,
    task: JoinHandle<()>,
}

impl Encrypted {
    /// A way to the broker whose certificate is for `name`.
    async fn open(name: &str) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([name.to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a server");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let place = broker_place();
        let (identity, broker) = place.rsplit_once('@').expect("a user");
        Self {
            place: format!("{identity}@{address}"),
            certificate: cert.pem(),
            task: tokio::spawn(carry(
                listener,
                TlsAcceptor::from(Arc::new(config)),
                broker.to_owned(),
            )),
        }
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(listener: TcpListener, acceptor: TlsAcceptor, broker: String) {
    loop {
        let (here, _) = listener.accept().await.expect("a connection");
        // Who does not trust us says so and goes.
        let Ok(mut here) = acceptor.accept(here).await else {
            continue;
        };
        let mut there = TcpStream::connect(&broker).await.expect("the broker");
        tokio::spawn(async move {
            let _ = copy_bidirectional(&mut here, &mut there).await;
        });
    }
}

/// What comes of telling the broker at the end of `way` something, with `options` behind its
/// address, and how many messages have arrived.
async fn told(way: &Encrypted, options: &str) -> (Relayed, usize) {
    let broker = Broker::connect().await;
    let settings = broker
        .settings(&way.place)
        .replace("//\"", &format!("//?{options}\""));
    let registry = Registry::with(Engine::Sqlite, &settings).await;
    registry.image(Persona::MEMBER, json!({})).await;
    let stop = CancellationToken::new();
    let relayed = registry.app().worker().deliver(&stop).await;
    let relayed = relayed.expect("a database");
    let waiting = registry.told().await.len();
    if waiting > 0 {
        return (relayed, 0);
    }
    (relayed, broker.messages("info").await.len())
}

#[tokio::test]
async fn a_broker_whose_certificate_is_trusted_is_told() {
    let way = Encrypted::open("127.0.0.1").await;
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("ca.pem");
    fs::write(&file, &way.certificate).expect("a file");
    let options = format!("ssl=1&ssl_ca_file={}", file.display());
    assert_eq!(told(&way, &options).await, (Relayed::Done, 1));
}

#[tokio::test]
async fn a_broker_that_is_not_trusted_is_told_nothing() {
    let way = Encrypted::open("127.0.0.1").await;
    assert_eq!(told(&way, "ssl=1").await, (Relayed::Waiting, 0));
}

#[tokio::test]
async fn a_broker_of_another_name_is_told_nothing() {
    let way = Encrypted::open("broker.test").await;
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("ca.pem");
    fs::write(&file, &way.certificate).expect("a file");
    let options = format!("ssl=1&ssl_ca_file={}", file.display());
    assert_eq!(told(&way, &options).await, (Relayed::Waiting, 0));
}
