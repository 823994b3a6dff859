//! A server that says what a test tells it to, right or wrong.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// What the server does on one connection after it read the head of the request.
pub(super) enum Play {
    /// It says this and closes.
    Say(Vec<u8>),
    /// It says this, and then nothing more.
    Hold(Vec<u8>),
}

/// Says `head` lines and `body`, and closes.
pub(super) fn say(head: &str, body: impl AsRef<[u8]>) -> Play {
    Play::Say(message(head, body))
}

/// Says `head` lines and `body`, and holds the connection.
pub(super) fn hold(head: &str, body: impl AsRef<[u8]>) -> Play {
    Play::Hold(message(head, body))
}

/// Says `body` as it should be said.
pub(super) fn whole(body: impl AsRef<[u8]>) -> Play {
    let length = body.as_ref().len();
    say(&format!("200 OK\ncontent-length: {length}"), body)
}

/// Redirects to `location`.
pub(super) fn redirect(location: &str) -> Play {
    say(
        &format!("302 Found\ncontent-length: 0\nlocation: {location}"),
        "",
    )
}

fn message(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = head.replace('\n', "\r\n");
    let mut message = format!("HTTP/1.1 {head}\r\n\r\n").into_bytes();
    message.extend_from_slice(body.as_ref());
    message
}

/// A server on a port of its own; it ends with the test.
pub(super) struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Answers the request number n (from 0) with `play(n)`.
    pub(super) async fn start(play: impl Fn(usize) -> Play + Send + Sync + 'static) -> Self {
        Self::start_with(None, play).await
    }

    /// As `start`, over TLS.
    pub(super) async fn start_tls(
        tls: TlsAcceptor,
        play: impl Fn(usize) -> Play + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(Some(tls), play).await
    }

    async fn start_with(
        tls: Option<TlsAcceptor>,
        play: impl Fn(usize) -> Play + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((tcp, _)) = listener.accept().await {
                let kept: Option<Box<dyn Send>> = match &tls {
                    None => answer(tcp, &heads, &play).await,
                    Some(tls) => match tls.accept(tcp).await {
                        Ok(stream) => answer(stream, &heads, &play).await,
                        Err(_) => None,
                    },
                };
                held.push(kept);
            }
        });
        Self { port, asked, task }
    }

    /// The URI of `path` here.
    pub(super) fn uri(&self, path: &str) -> String {
        self.uri_at("http", "127.0.0.1", path)
    }

    /// The URI of `path` here, by another name.
    pub(super) fn uri_at(&self, scheme: &str, host: &str, path: &str) -> String {
        format!("{scheme}://{host}:{}{path}", self.port)
    }

    /// The heads of all requests so far, in lower case.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a head and answers; gives the connection back if it is to be held.
async fn answer<S>(
    mut stream: S,
    heads: &Mutex<Vec<String>>,
    play: &(impl Fn(usize) -> Play + Send + Sync),
) -> Option<Box<dyn Send>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let number = {
        let mut heads = heads.lock().unwrap();
        heads.push(String::from_utf8(head).unwrap().to_lowercase());
        heads.len() - 1
    };
    let (bytes, keep) = match play(number) {
        Play::Say(bytes) => (bytes, false),
        Play::Hold(bytes) => (bytes, true),
    };
    // Whoever reads may be gone already, as when it had enough.
    stream.write_all(&bytes).await.ok()?;
    stream.flush().await.ok()?;
    if keep {
        return Some(Box::new(stream));
    }
    stream.shutdown().await.ok()?;
    None
}
