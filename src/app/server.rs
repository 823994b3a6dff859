//! The HTTP server: connections in, requests to the router, an orderly end.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{Instant, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// How long a client may take for the head of a request, also between two requests of one
/// connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// How many bytes one connection reads at a time, and so the most that a frame of an upload has.
const MAX_BUFFER: usize = 256 * 1024;

/// How many bytes the head of a request has at most (431 beyond). The longest tokens of Keystone
/// have 16 KiB; the longest URI, 64 KiB (414 beyond), fits too.
const MAX_HEAD: usize = 128 * 1024;

/// How many connections are open at most; further ones wait in the listener's queue.
const MAX_CONNECTIONS: usize = 4096;

/// How long to wait when no connection can be taken, as when no file descriptor is left.
const PAUSE: Duration = Duration::from_millis(100);

/// How long the server waits for others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// How long a client may take for the head of a request, also between two requests of one
    /// connection.
    pub(super) head: Duration,
    /// How long what was begun may take to end once the server is told to stop; none: for ever.
    pub(super) grace: Option<Duration>,
}

impl Patience {
    /// The usual one, with this time to end.
    pub(super) const fn with_grace(grace: Option<Duration>) -> Self {
        Self {
            head: HEAD_TIMEOUT,
            grace,
        }
    }
}

/// Answers the requests that reach `listener` until `stop` is called. Then no connection is taken,
/// idle ones are closed, and requests that were begun may come to their end for as long as
/// `patience` says; what is left is cut.
///
/// Gives the time at which it was told to stop; no connection is open any more.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    patience: Patience,
) -> Instant {
    let (graceful, connections) = (GracefulShutdown::new(), TaskTracker::new());
    let (slots, cut) = (
        Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        CancellationToken::new(),
    );
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer, slot) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a connection could not be taken"
                );
                sleep(PAUSE).await;
                continue;
            }
        };
        let answering = answer(
            stream,
            peer,
            router.clone(),
            graceful.watcher(),
            patience.head,
        );
        let cut = cut.clone();
        connections.spawn(async move {
            cut.run_until_cancelled(answering).await;
            drop(slot);
        });
    }
    let told = Instant::now();
    drop(listener);
    if !within(patience.grace, graceful.shutdown()).await {
        tracing::warn!("connections that did not come to their end were cut");
    }
    cut.cancel();
    connections.close();
    connections.wait().await;
    told
}

/// Whether `work` ends within `limit`, if there is one. If not, it is dropped.
pub(super) async fn within(limit: Option<Duration>, work: impl Future<Output = ()>) -> bool {
    if let Some(limit) = limit {
        return timeout(limit, work).await.is_ok();
    }
    work.await;
    true
}

type Slot = tokio::sync::OwnedSemaphorePermit;

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, Slot)> {
    let slot = Arc::clone(slots)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, slot))
}

/// Answers the requests of one connection.
async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    watcher: Watcher,
    head_timeout: Duration,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    // An error means that the client went away or sent no HTTP: there is nobody to tell.
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "a connection broke"
        );
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Bytes, routing::post};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        task::JoinHandle,
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(100);
    /// Longer than any of these tests may take.
    const LONG: Duration = Duration::from_mins(1);

    struct Server {
        address: SocketAddr,
        stop: CancellationToken,
        ended: JoinHandle<Instant>,
    }

    /// A server that gives back what is posted to it.
    async fn server(head: Duration, grace: Option<Duration>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/", post(async |body: Bytes| body));
        let stop = CancellationToken::new();
        let patience = Patience { head, grace };
        let ended = tokio::spawn(serve(listener, router, stop.clone(), patience));
        Server {
            address,
            stop,
            ended,
        }
    }

    async fn sent(server: &Server, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(server.address).await.expect("a server");
        stream.write_all(text.as_bytes()).await.expect("an ear");
        stream
    }

    /// Everything that comes until the server closes the connection.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        let read = timeout(LONG, stream.read_to_string(&mut text)).await;
        read.expect("an end").expect("text");
        text
    }

    const BEGUN: &str = "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 8\r\n\r\nhalf";

    #[tokio::test]
    async fn a_client_that_is_slow_with_the_head_of_a_request_is_cut_off() {
        let server = server(SHORT, None).await;
        for begun in ["", "POST / HTTP/1.1\r\nHost: he"] {
            let mut stream = sent(&server, begun).await;
            rest(&mut stream).await;
        }
        assert!(!server.ended.is_finished());
    }

    #[tokio::test]
    async fn idle_connections_are_closed_when_the_server_stops_and_none_is_taken() {
        let server = server(LONG, None).await;
        let mut unused = sent(&server, "").await;
        let mut idle = sent(&server, &format!("{BEGUN}half")).await;
        let mut answer = [0; 15];
        idle.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        server.stop.cancel();
        assert!(rest(&mut idle).await.ends_with("halfhalf"));
        assert_eq!(rest(&mut unused).await, "");
        timeout(LONG, server.ended)
            .await
            .expect("an end")
            .expect("no panic");
        assert!(TcpStream::connect(server.address).await.is_err());
    }

    #[tokio::test]
    async fn what_was_begun_comes_to_its_end_when_the_server_stops() {
        for grace in [None, Some(LONG)] {
            let server = server(LONG, grace).await;
            let mut stream = sent(&server, BEGUN).await;
            until_refused(&server).await;
            assert!(!server.ended.is_finished());
            stream.write_all(b"done").await.expect("an ear");
            let answer = rest(&mut stream).await;
            assert!(answer.ends_with("halfdone"), "{answer}");
            server.ended.await.expect("no panic");
        }
    }

    #[tokio::test]
    async fn what_does_not_end_in_time_is_cut() {
        let server = server(LONG, Some(SHORT)).await;
        let mut stream = sent(&server, BEGUN).await;
        until_refused(&server).await;
        let told = timeout(LONG, server.ended).await.expect("an end");
        assert!(told.expect("no panic").elapsed() >= SHORT);
        // What the client hears is an end, or that nobody listens any more.
        let mut left = String::new();
        let read = timeout(LONG, stream.read_to_string(&mut left)).await;
        assert!(read.expect("an end").is_err() || left.is_empty(), "{left}");
    }

    /// Tells the server to stop, and waits until it takes no connection.
    async fn until_refused(server: &Server) {
        // A request that is answered was taken after the one before it.
        let mut second = sent(server, &format!("{BEGUN}half")).await;
        second.read_exact(&mut [0; 15]).await.expect("an answer");
        server.stop.cancel();
        while TcpStream::connect(server.address).await.is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
    }
}
