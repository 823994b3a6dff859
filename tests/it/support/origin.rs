//! A web server that images are downloaded from.

use std::{collections::HashMap, net::SocketAddr};

use axum::{
    Router,
    body::Bytes,
    extract::Path,
    http::{HeaderMap, StatusCode, Uri},
    routing::get,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A web server on the loopback. It stops when it is dropped.
pub struct Origin {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Origin {
    /// Serves `data` under every name but `missing`, which is not found.
    pub async fn serving(data: impl Into<Bytes>) -> Self {
        let data = data.into();
        let router = Router::new().route(
            "/{name}",
            get(move |Path(name): Path<String>| async move {
                match name.as_str() {
                    "missing" => Err(StatusCode::NOT_FOUND),
                    _ => Ok((HeaderMap::new(), data)),
                }
            }),
        );
        Self::running(router).await
    }

    /// Serves each of `files` under its path, which begins with a slash.
    pub async fn of_files(files: Vec<(String, Vec<u8>)>) -> Self {
        let files: HashMap<_, _> = files.into_iter().collect();
        let router = Router::new().fallback(move |uri: Uri| {
            let found = files.get(uri.path()).cloned();
            std::future::ready(found.ok_or(StatusCode::NOT_FOUND))
        });
        Self::running(router).await
    }

    /// Serves what `router` says.
    pub async fn running(router: Router) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("a server");
        });
        Self { address, server }
    }

    /// The address of `name` on this server.
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.server.abort();
    }
}
