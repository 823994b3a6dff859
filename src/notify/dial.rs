//! How a connection to a broker is made.

use std::{io, sync::Arc, time::Duration};

use lapin::{
    Connection, ConnectionProperties,
    runtime::default_runtime,
    tcp::{AMQPUriTcpExt as _, RustlsConnector},
    uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo},
};
use rustls::ClientConfig;
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use crate::notify::address::Host;

/// How long a broker may take until it is ready for messages.
pub(super) const READY: Duration = Duration::from_secs(10);

/// Connects to `host`, by TLS if its configuration is given, and says who we are.
pub(super) async fn dial(
    host: &Host,
    vhost: &str,
    heartbeat: u16,
    tls: Option<Arc<ClientConfig>>,
) -> lapin::Result<Connection> {
    let properties =
        ConnectionProperties::default().with_connection_name(env!("CARGO_PKG_NAME").into());
    let connect = async move |uri: AMQPUri, runtime| {
        // On a thread of its own, which must not stay when nobody waits for it any more.
        let connected = timeout(READY, async {
            let plain = uri.connect_async(&runtime).await?;
            match &tls {
                Some(config) => {
                    let connector = RustlsConnector::from(Arc::clone(config));
                    plain.into_rustls(&connector, &uri.authority.host).await
                }
                None => Ok(plain),
            }
        });
        let stream = connected.await.map_err(io::Error::from)??;
        Ok(stream)
    };
    let uri = uri(host, vhost, heartbeat);
    Connection::connector(uri, default_runtime()?, connect, properties).await
}

/// The address as the client library has it. TLS is none of its business.
fn uri(host: &Host, vhost: &str, heartbeat: u16) -> AMQPUri {
    AMQPUri {
        scheme: AMQPScheme::AMQP,
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: host.user.clone(),
                password: host.password.expose_secret().to_owned(),
            },
            host: host.name.clone(),
            port: host.port,
        },
        vhost: vhost.to_owned(),
        query: AMQPQueryString {
            heartbeat: Some(heartbeat),
            ..AMQPQueryString::default()
        },
    }
}
